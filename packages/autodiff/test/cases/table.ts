import { CONVOLUTION_CASES } from "./convolution.ts";
import { ELEMENTWISE_CASES } from "./elementwise.ts";
import { INDEXING_CASES } from "./indexing.ts";
import { LINEAR_ALGEBRA_CASES } from "./linear-algebra.ts";
import { POOLING_CASES } from "./pooling.ts";
import { NORMALISATION_CASES } from "./normalisation.ts";
import { SHAPE_CASES } from "./shapes.ts";
import type { Cases } from "../finite-differences.ts";

/** Cases of every row of the gradient table. */
export const CASES: Cases = {
  ...ELEMENTWISE_CASES,
  ...LINEAR_ALGEBRA_CASES,
  ...NORMALISATION_CASES,
  ...SHAPE_CASES,
  ...INDEXING_CASES,
  ...POOLING_CASES,
  ...CONVOLUTION_CASES,
};
