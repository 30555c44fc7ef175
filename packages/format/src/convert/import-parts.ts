import type { Tensor } from "@graft/safetensors";
import type { Manifest } from "../manifest.ts";
import type { PeftTensor } from "./peft-file.ts";

/** What is collected on the way: entries of the manifest, tensors by key, remarks. */
export interface ImportParts {
  readonly targets: Manifest["targets"];
  readonly whole: Manifest["tensors"];
  readonly tensors: Map<string, Tensor>;
  readonly notes: string[];
  /** Values of a tensor of the file, float32. */
  values(tensor: PeftTensor): Promise<Float32Array>;
  /** A tensor of the file as it is stored. */
  stored(tensor: PeftTensor): Promise<Tensor>;
}
