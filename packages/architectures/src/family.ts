import type { DataTypeName, Dim } from "@graft/onnx";
import type { CheckpointGraph } from "./checkpoint-graph.ts";
import type { Config } from "./config.ts";
import type { ImageSize } from "./image-input.ts";

/** One tensor that a checkpoint of a family has, under its name in the base class of `transformers`. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** What it is, so that a model can be started from random weights as `transformers` does. */
  readonly kind: "matrix" | "bias" | "scale";
  /** Carried along when the file has it; the graph does not need it. */
  readonly optional?: boolean;
  /** Its name in files that keep the names of an earlier `transformers`. */
  readonly formerly?: string;
  /** Stands beside the base class in the classes of tasks, as `lm_head` does: its name has no prefix. */
  readonly outside?: boolean;
}

/** An input of a graph. */
export interface GraphInput {
  readonly name: string;
  readonly type: DataTypeName;
  readonly shape: readonly Dim[];
}

/** The value that an output of a graph gives. */
export interface GraphOutput extends GraphInput {
  readonly value: string;
}

/** Keys and values of earlier positions, which a decoder takes and gives instead of computing them again. */
export interface CacheShape {
  readonly layers: number;
  readonly heads: number;
  readonly headSize: number;
}

/** What a graph is built for. */
export interface BuildOptions {
  /** Inputs `past_key_values.N.key` and `.value`, outputs `present.N.key` and `.value`, and `logits` of the last position alone. */
  readonly cache?: boolean;
}

/** What one config.json says, checked. */
export interface Architecture {
  readonly hiddenSize: number;
  /** Longest sequence in tokens. */
  readonly maxLength: number;
  /** Rows of the word embeddings; absent where there are none. */
  readonly vocabSize?: number;
  /** Of models of images. */
  readonly image?: ImageSize;
  /** The first one also tells the prefix under which a task class stores all of them. */
  readonly parameters: readonly Parameter[];
  readonly inputs: readonly GraphInput[];
  /** Version of the operators; 20 unless the family needs newer ones. */
  readonly opset?: number;
  /** Of decoders, which can be built with a cache. */
  readonly cache?: CacheShape;
  /** Writes the forward pass over the inputs and gives the outputs, `last_hidden_state` first where there is one. */
  build(graph: CheckpointGraph, options: BuildOptions): readonly GraphOutput[];
}

/** How checkpoints of some model types become graphs. */
export interface Family {
  readonly name: string;
  /** Values of `model_type` in config.json. */
  readonly modelTypes: readonly string[];
  /** ARCHITECTURE_UNSUPPORTED names the switch that is not supported. */
  read(config: Config): Architecture;
  /** Why an exported graph no longer is the model, told by how often it uses the matrix of a module; undefined when it is. */
  lost?(config: Config, uses: (module: string) => number): string | undefined;
}

/** Inputs of an encoder of two texts, int64 [batch, sequence]. */
export const PAIR_INPUTS: readonly GraphInput[] = textInputs("input_ids", "attention_mask", "token_type_ids");

/** Inputs of one text, int64 [batch, sequence]. */
export const TEXT_INPUTS: readonly GraphInput[] = textInputs("input_ids", "attention_mask");

/** The output `last_hidden_state`, [batch, sequence, hidden]. */
export function hiddenOutput(value: string, hiddenSize: number): GraphOutput {
  return { name: "last_hidden_state", type: "float32", shape: ["batch", "sequence", hiddenSize], value };
}

function textInputs(...names: readonly string[]): readonly GraphInput[] {
  return names.map((name) => ({ name, type: "int64", shape: ["batch", "sequence"] }));
}
