import type { Base, Config } from "@graft/architectures";
import type { TrainEvent } from "./events.ts";
import type { Hyperparameters } from "./options.ts";
import type { MethodOptions } from "@graft/methods";
import type { Device } from "@graft/runtime";

/** A base that does not exist yet: its weights are drawn at random, as `transformers` does. */
export interface RandomBase {
  /** What config.json says. */
  readonly config: Config;
  /** Path of tokenizer.json; tokenizer_config.json lies beside it. */
  readonly tokenizerFile: string;
}

/** Training between files. */
export interface TrainFileOptions extends Hyperparameters {
  /** A checkpoint folder, an ONNX file, an opened base, or one to begin from random weights. */
  readonly base: string | Base | RandomBase;
  readonly task: "text-classification" | "masked-language-modelling";
  readonly method: MethodOptions;
  /** A JSONL or CSV file, or a text file with a row a line; or the rows, for masked-language modelling. */
  readonly data: string | readonly string[];
  readonly evaluation?: string | readonly string[];
  /** Names of the columns of a labelled file; `text` and `label` by default. */
  readonly columns?: { readonly text?: string; readonly pair?: string; readonly label?: string };
  /** Where the adapter's file, or the checkpoint's folder, goes. Nothing is written without it. */
  readonly output?: string;
  /** Element type of a checkpoint's file; F32 by default. */
  readonly dtype?: "F32" | "F16";
  readonly threads?: number;
  readonly device?: Device;
  readonly signal?: AbortSignal;
}

/** Trains from files to a file; the output is there whole or not at all. Codes as `train`, and those of opening and writing files. */
export async function* trainFromFiles(options: TrainFileOptions): AsyncGenerator<TrainEvent, void, undefined> {
  throw new Error(`not yet ${options.task}`);
}
