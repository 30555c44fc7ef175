import { GraftError } from "@graft/error";
import { createModel, GraphBuilder, type ModelProto } from "@graft/onnx";
import type { Header } from "@graft/safetensors";
import { CheckpointGraph } from "./checkpoint-graph.ts";
import { findParameters } from "./checkpoint.ts";
import type { Config } from "./config.ts";
import { findFamily } from "./families.ts";
import type { BuildOptions, CacheShape, GraphInput, Parameter } from "./family.ts";
import { storedTensors, type StoredTensor } from "./stored-tensor.ts";

/** `Gelu` is an operator from here on. */
const OPSET = 20;

/**
 * Writes a checkpoint as a graph over its own weight file: `location` is the file's name beside the graph. Inputs and
 * outputs are the family's; encoders take `input_ids` and `attention_mask` and give `last_hidden_state` [batch, sequence, hidden].
 */
export function buildCheckpoint(
  config: Config,
  header: Header,
  options: { location: string; dataOffset?: number } & BuildOptions,
): ModelProto {
  return buildFromTensors(config, storedTensors(header, options), options);
}

/** The same for tensors that lie in one or more files. ARCHITECTURE_UNSUPPORTED when a cache is asked of a family without one. */
export function buildFromTensors(config: Config, stored: readonly StoredTensor[], options: BuildOptions = {}): ModelProto {
  const family = findFamily(config);
  const architecture = family.read(config);
  const { inputs, opset = OPSET } = architecture;
  const cache = options.cache === true ? architecture.cache : undefined;
  if (options.cache === true && cache === undefined) {
    throw new GraftError("ARCHITECTURE_UNSUPPORTED", `Cannot build the checkpoint with a cache: "${family.name}" generates no text`, {
      hint: "Take a decoder, such as GPT-2 or Llama",
    });
  }
  const tensors = findParameters(stored, architecture.parameters);
  const builder = new GraphBuilder(createModel({ name: family.name, opset, irVersion: opset > 20 ? 11 : 9 }));
  for (const { name, type, shape } of cache === undefined ? inputs : cachedInputs(inputs, cache)) builder.input(name, type, shape);
  const outputs = architecture.build(new CheckpointGraph(builder, tensors), { cache: cache !== undefined });
  for (const { value, ...output } of outputs) builder.output(value, output);
  return builder.model;
}

/** The mask covers what is in the cache too. */
function cachedInputs(inputs: readonly GraphInput[], { layers, heads, headSize }: CacheShape): GraphInput[] {
  return [
    ...inputs.map((input) => (input.name === "attention_mask" ? { ...input, shape: ["batch", "total"] } : input)),
    ...Array.from({ length: layers }, (_, layer) => layer).flatMap((layer) =>
      (["key", "value"] as const).map((part): GraphInput => ({
        name: `past_key_values.${layer}.${part}`,
        type: "float32",
        shape: ["batch", heads, "past", headSize],
      })),
    ),
  ];
}

/** The tensors that a checkpoint with this config.json has, so that one can be made from random weights. */
export function checkpointParameters(config: Config): readonly Parameter[] {
  return findFamily(config).read(config).parameters;
}
