export { ACTIVATIONS } from "./activations.ts";
export type { Base } from "./base.ts";
export { buildCheckpoint, buildFromTensors, checkpointParameters } from "./build-checkpoint.ts";
export type { CheckpointGraph } from "./checkpoint-graph.ts";
export type { Config } from "./config.ts";
export { FAMILIES, findFamily } from "./families.ts";
export type { Architecture, Family, Parameter } from "./family.ts";
export { storedTensors, type StoredTensor } from "./stored-tensor.ts";
export { identifyWeights, type BaseIdentity } from "./identify-weights.ts";
