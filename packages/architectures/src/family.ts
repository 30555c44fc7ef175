import type { CheckpointGraph } from "./checkpoint-graph.ts";
import type { Config } from "./config.ts";

/** One tensor that a checkpoint of a family has, under its name in the base class of `transformers`. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** What it is, so that a model can be started from random weights as `transformers` does. */
  readonly kind: "matrix" | "bias" | "scale";
  /** Carried along when the file has it; the graph does not need it. */
  readonly optional?: boolean;
}

/** What one config.json says, checked. */
export interface Architecture {
  readonly hiddenSize: number;
  /** Longest sequence in tokens. */
  readonly maxLength: number;
  readonly vocabSize: number;
  /** The first one also tells the prefix under which a task class stores all of them. */
  readonly parameters: readonly Parameter[];
  /** Writes the forward pass and gives the name of the last hidden state. */
  build(graph: CheckpointGraph): string;
}

/** How checkpoints of some model types become graphs. */
export interface Family {
  readonly name: string;
  /** Values of `model_type` in config.json. */
  readonly modelTypes: readonly string[];
  /** ARCHITECTURE_UNSUPPORTED names the switch that is not supported. */
  read(config: Config): Architecture;
}
