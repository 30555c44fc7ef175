import { identifyBase, openBase } from "@graft/architectures/node";
import { sha256 } from "@graft/digest";
import { readRows } from "./data/read-rows.ts";
import type { TrainFileOptions } from "./train-from-files.ts";

/**
 * Gives runs on one base a name of 16 hexadecimal digits, taken over the base, the data and every option that the result depends on:
 * the same name, the same result. Codes of opening the base and reading files.
 */
export async function runNames(base: string): Promise<(options: Omit<TrainFileOptions, "base">) => Promise<string>> {
  const { fingerprint, files } = (await identifyBase(await openBase(base))).reference;
  return async (options) => {
    const { data: _, evaluation: __, output: ___, signal: ____, ...rest } = options;
    const { data } = await readRows(options);
    const name = JSON.stringify({ fingerprint, files: files.map(({ digest }) => digest), data, rest });
    return (await sha256(new TextEncoder().encode(name))).slice("sha256:".length).slice(0, 16);
  };
}
