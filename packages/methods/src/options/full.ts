/** `full`: every float weight that the graph uses is trained. */
export interface FullOptions {
  readonly name: "full";
  /** `random` starts matrices from N(0, deviation), as `transformers` does, and ignores the base's values. */
  readonly from?: "base" | "random";
  /** Standard deviation of random matrices; 0.02 by default. */
  readonly deviation?: number;
  readonly exclude?: string | readonly string[];
}
