import type { Case } from "./case.ts";
import { ELEMENTWISE_CASES } from "./elementwise.ts";
import { FUSED_CASES } from "./fused.ts";
import { PLACEMENT_CASES } from "./placement.ts";
import { PRODUCT_CASES } from "./products.ts";
import { STATISTICS_CASES } from "./statistics.ts";

/** At least one case for every rule but those of subgraphs. */
export const CASES: Readonly<Record<string, readonly Case[]>> = {
  ...ELEMENTWISE_CASES,
  ...PRODUCT_CASES,
  ...STATISTICS_CASES,
  ...PLACEMENT_CASES,
  ...FUSED_CASES,
};
