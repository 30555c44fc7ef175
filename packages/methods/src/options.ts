/** `lora`: W + scale · B·A on the targets, W frozen. */
export interface LoraOptions {
  readonly name: "lora";
  /** 8 by default. */
  readonly rank?: number;
  /** The scale is alpha / rank; twice the rank by default. */
  readonly alpha?: number;
  /** Scale alpha / √rank instead (rsLoRA). */
  readonly rankStabilised?: boolean;
  /** A preset (`attention`, `all-linear`), the end of a module path, or a glob; `attention` by default. */
  readonly targets?: string | readonly string[];
  readonly exclude?: string | readonly string[];
  /** How A starts: as PEFT does (Kaiming uniform, a = √5), or as the paper does (Gaussian, 1 / rank). */
  readonly initialisation?: "kaiming" | "gaussian";
}

/** `full`: every float weight that the graph uses is trained. */
export interface FullOptions {
  readonly name: "full";
  /** `random` starts matrices from N(0, deviation), as `transformers` does, and ignores the base's values. */
  readonly from?: "base" | "random";
  /** Standard deviation of random matrices; 0.02 by default. */
  readonly deviation?: number;
  readonly exclude?: string | readonly string[];
}

/** `head`: only the task's head is trained. */
export interface HeadOptions {
  readonly name: "head";
}

/** What is trained, by method. */
export type MethodOptions = LoraOptions | FullOptions | HeadOptions;
/** Name of a method. */
export type MethodName = MethodOptions["name"];

/** What the trained model gives: logits over labels, or over the vocabulary at masked positions. */
export type PlanTask = TextClassification | { readonly type: "masked-language-modelling" };

/** One row in, one of the labels out. */
export interface TextClassification {
  readonly type: "text-classification";
  /** Their order is that of the logits. */
  readonly labels: readonly string[];
  /** How positions become one vector; the family's own by default. */
  readonly pooling?: "cls" | "mean";
}
