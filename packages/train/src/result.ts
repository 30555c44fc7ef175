import type { Manifest } from "@graft/format";
import type { Tensor } from "@graft/safetensors";

/** What training gives: an adapter for the base, or a whole checkpoint of its own. */
export type TrainResult = AdapterResult | CheckpointResult;

/** An adapter: its file's bytes, and the manifest in them. */
export interface AdapterResult {
  readonly kind: "adapter";
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
}

/** Every tensor of a checkpoint in float32, under the names of its `transformers` class. */
export interface CheckpointResult {
  readonly kind: "checkpoint";
  readonly tensors: ReadonlyMap<string, Tensor>;
}
