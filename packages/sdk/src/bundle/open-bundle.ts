import { join } from "node:path";
import type { LoadOptions } from "@graft/loader/node";
import { findBundled } from "./find-adapter.ts";
import { readBundle } from "./read-bundle.ts";

/** What loading from a bundle needs. */
export interface OpenedBundle {
  readonly base: string;
  /** Names of all adapters. */
  readonly adapters: readonly string[];
  readonly options: Pick<LoadOptions, "resolve" | "merged" | "mode">;
}

/** Opens a folder that `graft bundle` wrote; undefined for any other path. */
export async function openBundle(folder: string): Promise<OpenedBundle | undefined> {
  const bundle = await readBundle(folder);
  if (bundle === undefined) return undefined;
  const entries = Object.entries(bundle.adapters);
  const graphs = entries.flatMap(([, { digest, merged }]) => (merged === undefined ? [] : [[digest, join(folder, merged)] as const]));
  return {
    base: join(folder, bundle.base.path),
    adapters: entries.map(([name]) => name),
    options: {
      resolve: async (specifier) => {
        const { adapter } = findBundled(bundle, specifier);
        return { path: join(folder, adapter.path), digest: adapter.digest };
      },
      ...(graphs.length === 0 ? {} : { mode: "merge", merged: Object.fromEntries(graphs) }),
    },
  };
}
