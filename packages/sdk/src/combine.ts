import { combine as combineFiles, type CombineFilesOptions, type WeightedInput } from "@graft/loader/node";
import { type RegistryOptions, resolver, type Source } from "./load.ts";

/** How adapters are combined, and from which registry those come that are given by name. */
export interface CombineInputsOptions
  extends Omit<CombineFilesOptions, "resolve">, Omit<Source, "signal" | "progress">, Pick<RegistryOptions, "signal" | "progress"> {}

/** Makes one adapter of several: the bytes of its file, and its manifest, which names its parents. USAGE, and the codes of the registry and of opening them. */
export function combine(inputs: readonly WeightedInput[], options: CombineInputsOptions): ReturnType<typeof combineFiles> {
  const { registry, token, cache, project, signal, progress, ...rest } = options;
  return combineFiles(inputs, { ...rest, resolve: resolver({ registry, token, cache, project, signal, progress }) });
}
