import type { ModelProto } from "@graft/onnx";
import { buildFromTensors } from "./build-checkpoint.ts";
import type { Config } from "./config.ts";
import { findFamily } from "./families.ts";

/** A base by its config.json alone: its graph, whose weights are nowhere. */
export interface CheckpointOutline {
  readonly model: ModelProto;
  readonly family: string;
  readonly hiddenSize: number;
  readonly maxLength: number;
}

/** The graph that a checkpoint with this config.json would have, so that its shapes can be counted. ARCHITECTURE_UNSUPPORTED. */
export function checkpointOutline(config: Config): CheckpointOutline {
  const family = findFamily(config);
  const { parameters, hiddenSize, maxLength } = family.read(config);
  const stored = parameters.map(({ name, shape }) => {
    const length = 4 * shape.reduce((product, size) => product * size, 1);
    return { name, dtype: "F32" as const, shape, location: "model.safetensors", offset: 0, length };
  });
  return { model: buildFromTensors(config, stored), family: family.name, hiddenSize, maxLength };
}
