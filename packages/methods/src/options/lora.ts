import type { PackedPart } from "../packed.ts";

/** Which matrices a method adapts. */
export interface TargetOptions {
  /** A preset (`attention`, `all-linear`), the end of a module path, or a glob; `attention` by default. Embeddings and convolutions by name only. */
  readonly targets?: string | readonly string[];
  readonly exclude?: string | readonly string[];
}

/** How a low-rank difference is made; common to `lora` and `dora`. */
export interface LowRankOptions extends TargetOptions {
  /** 8 by default. */
  readonly rank?: number;
  /** The scale is alpha / rank; twice the rank by default. */
  readonly alpha?: number;
  /** Scale alpha / √rank instead (rsLoRA, arXiv 2312.03732). */
  readonly rankStabilised?: boolean;
  /** Ranks of some targets, by regular expressions over the end of their module path, as PEFT reads them; the first that matches counts. */
  readonly rankPattern?: Readonly<Record<string, number>>;
  /** Alphas of some targets, likewise. */
  readonly alphaPattern?: Readonly<Record<string, number>>;
  /** How A starts: as PEFT does (Kaiming uniform, a = √5), or as the paper does (Gaussian, 1 / rank). Of an embedding, A is zero and B N(0, 1). */
  readonly initialisation?: "kaiming" | "gaussian";
  /** Share of the branch's input that is left out in training; 0 by default. */
  readonly dropout?: number;
  /** Biases that are trained too: those of the targets (`lora_only`), or every one of the base. */
  readonly bias?: "none" | "lora_only" | "all";
  /** B learns so many times faster than A (LoRA+, arXiv 2402.12354); 1 by default. */
  readonly learningRateRatio?: number;
}

/** `lora`: W + scale · B·A on the targets, W frozen. */
export interface LoraOptions extends Omit<LowRankOptions, "initialisation"> {
  readonly name: "lora";
  /** Also `pissa`: A and B start as the principal part of W, which the frozen W is then without (arXiv 2404.02948). */
  readonly initialisation?: LowRankOptions["initialisation"] | "pissa";
  /** Parts of packed projections (GPT-2's `c_attn`) that get a pair each; the projection is one matrix by default. */
  readonly qkv?: readonly PackedPart[];
}
