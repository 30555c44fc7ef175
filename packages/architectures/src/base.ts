import type { ModelProto, Weights } from "@graft/onnx";
import type { Config } from "./config.ts";
import type { ImageInput } from "./image-input.ts";

/** An opened base: its graph, and where its weights lie. */
export interface Base {
  /** Name on the Hub where it was opened from a Hugging Face cache, else of its folder or file. */
  readonly name: string;
  /** Commit on the Hub, where the cache tells it. */
  readonly revision?: string;
  readonly model: ModelProto;
  readonly weights: Weights;
  /** Real folder that external locations are relative to. */
  readonly folder: string;
  readonly kind: "checkpoint" | "onnx";
  /** Real paths of the files that hold weights. */
  readonly files: readonly string[];
  readonly config?: Config;
  /** Path of tokenizer.json; its tokenizer_config.json lies beside it by name. */
  readonly tokenizerFile?: string;
  /** Name of the family, where config.json tells it. */
  readonly family?: string;
  readonly hiddenSize: number;
  /** Of models of images: how an image becomes their input. */
  readonly image?: ImageInput;
  /** Rows of the word embeddings, where they are known: every id of a tokenizer is below. */
  readonly vocabSize?: number;
  /** Longest sequence in tokens. */
  readonly maxLength: number;
}

/** A base before it is known whether it is wanted: `merged` is the digest of an adapter that was merged into it. */
export interface OpenedBase extends Base {
  readonly merged: string | undefined;
}
