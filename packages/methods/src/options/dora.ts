import type { LowRankOptions } from "./lora.ts";

/** `dora`: the direction of each output of W + scale · B·A, and its magnitude, apart (arXiv 2402.09353). */
export interface DoraOptions extends LowRankOptions {
  readonly name: "dora";
}
