/** Which matrices a method adapts. */
export interface TargetOptions {
  /** A preset (`attention`, `all-linear`), the end of a module path, or a glob; `attention` by default. */
  readonly targets?: string | readonly string[];
  readonly exclude?: string | readonly string[];
}

/** How a low-rank difference is made; common to `lora` and `dora`. */
export interface LowRankOptions extends TargetOptions {
  /** 8 by default. */
  readonly rank?: number;
  /** The scale is alpha / rank; twice the rank by default. */
  readonly alpha?: number;
  /** Scale alpha / √rank instead (rsLoRA). */
  readonly rankStabilised?: boolean;
  /** How A starts: as PEFT does (Kaiming uniform, a = √5), or as the paper does (Gaussian, 1 / rank). */
  readonly initialisation?: "kaiming" | "gaussian";
}

/** `lora`: W + scale · B·A on the targets, W frozen. */
export interface LoraOptions extends LowRankOptions {
  readonly name: "lora";
}
