import { packAdapter, type Manifest } from "@graft/format";
import { combineAdapters, type CombineOptions } from "@graft/methods";
import { fromFloat32, type Tensor } from "@graft/safetensors";
import { type AdapterInput, openInput, type Resolve } from "./adapter-input.ts";
import { readFile } from "./read-file.ts";

/** An adapter to be combined, and how much it counts. */
export interface WeightedInput {
  readonly adapter: AdapterInput;
  readonly weight: number;
}

/** How adapters are combined, and who finds those that are given by name. */
export interface CombineFilesOptions extends CombineOptions {
  readonly writer: Manifest["writer"];
  readonly resolve?: Resolve | undefined;
}

/** Makes one adapter of several: the bytes of its file, and its manifest, which names its parents. USAGE, and the codes of opening them. */
export async function combine(
  inputs: readonly WeightedInput[],
  options: CombineFilesOptions,
): Promise<{ readonly bytes: Uint8Array; readonly manifest: Manifest }> {
  const { resolve, ...rest } = options;
  const sources = [];
  for (const { adapter: input, weight } of inputs) {
    const { adapter } = await openInput(input, { read: readFile, resolve });
    sources.push({ manifest: adapter.manifest, digest: adapter.digest, weight, values: (key: string) => adapter.values(key) });
  }
  const { manifest, tensors } = await combineAdapters(sources, rest);
  const packed = [...tensors].map(([key, { shape, values }]): [string, Tensor] => [
    key,
    { dtype: "F32", shape, data: fromFloat32("F32", values) },
  ]);
  return { bytes: packAdapter({ manifest, tensors: new Map(packed) }), manifest };
}
