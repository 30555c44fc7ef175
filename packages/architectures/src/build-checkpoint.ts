import { createModel, GraphBuilder, type ModelProto } from "@graft/onnx";
import type { Header } from "@graft/safetensors";
import { CheckpointGraph } from "./checkpoint-graph.ts";
import { findParameters } from "./checkpoint.ts";
import type { Config } from "./config.ts";
import { findFamily } from "./families.ts";
import type { Parameter } from "./family.ts";
import { storedTensors, type StoredTensor } from "./stored-tensor.ts";

/** `Gelu` is an operator from here on. */
const OPSET = 20;

/**
 * Writes a checkpoint as a graph over its own weight file: `location` is the file's name beside the graph. Inputs
 * `input_ids`, `attention_mask`, `token_type_ids` (int64 [batch, sequence]), output `last_hidden_state` [batch, sequence, hidden].
 */
export function buildCheckpoint(config: Config, header: Header, options: { location: string; dataOffset?: number }): ModelProto {
  return buildFromTensors(config, storedTensors(header, options));
}

/** The same for tensors that lie in one or more files. */
export function buildFromTensors(config: Config, stored: readonly StoredTensor[]): ModelProto {
  const family = findFamily(config);
  const architecture = family.read(config);
  const tensors = findParameters(stored, architecture.parameters);
  const builder = new GraphBuilder(createModel({ name: family.name, opset: OPSET }));
  for (const name of ["input_ids", "attention_mask", "token_type_ids"]) builder.input(name, "int64", ["batch", "sequence"]);
  const hidden = architecture.build(new CheckpointGraph(builder, tensors));
  builder.output(hidden, { name: "last_hidden_state", type: "float32", shape: ["batch", "sequence", architecture.hiddenSize] });
  return builder.model;
}

/** The tensors that a checkpoint with this config.json has, so that one can be made from random weights. */
export function checkpointParameters(config: Config): readonly Parameter[] {
  return findFamily(config).read(config).parameters;
}
