import { readFile } from "node:fs/promises";
import { measureMatrices } from "@graft/architectures";
import { identifyBase, openBase } from "@graft/architectures/node";
import { prepareVersion } from "@graft/format";
import type { AdapterClient } from "@graft/client";
import { createClient } from "@graft/client/node";
import { isGraftError } from "@graft/error";
import { TINY_ENGLISH_FOLDER } from "@graft/tiny-english";
import { DEMO_ADAPTERS, type DemoAdapter } from "./adapters.ts";
import { describe } from "./describe.ts";
import { type DemoRows, trainDemo } from "./train-demo.ts";

/** Where adapters go, and where they are made. */
export interface FillOptions {
  readonly registry: string;
  readonly token: string;
  /** Folder of the trained files and of the client's cache. */
  readonly folder: string;
  readonly rows: DemoRows;
  /** Hears of each adapter before it is trained. */
  readonly told?: (index: number, name: string) => void;
  readonly signal?: AbortSignal;
}

/** Trains every demo adapter that the registry lacks and publishes it, as a person would: stopped half way, it goes on the next time. */
export async function fillRegistry({ registry, token, folder, rows, told, signal }: FillOptions): Promise<void> {
  const client = await createClient({ registry, token, cache: `${folder}/cache` });
  const base = await openBase(TINY_ENGLISH_FOLDER);
  const identity = await identifyBase(base);
  await client.registry.registerBase({ ...identity.reference, matrices: await measureMatrices(base, identity) });
  for (const [index, adapter] of DEMO_ADAPTERS.entries()) {
    if (await isPublished(client, adapter)) continue;
    told?.(index, `${adapter.name}@${adapter.version}`);
    const file = await trainDemo(adapter, { folder, rows, ...(signal === undefined ? {} : { signal }) });
    const { name, version, description, keywords, deprecated: message } = adapter;
    const prepared = await prepareVersion(await readFile(file), {
      name,
      version,
      description,
      keywords: [...keywords],
      license: "Apache-2.0",
    });
    await client.publish({ ...prepared, files: describe(adapter, prepared.manifest) }, { signal });
    if (message !== undefined) await client.registry.deprecate(name, { range: version, message });
  }
}

async function isPublished(client: AdapterClient, { name, version }: DemoAdapter): Promise<boolean> {
  try {
    return (await client.registry.resolve(name, { range: version })).version === version;
  } catch (cause) {
    if (isGraftError(cause) && cause.code === "NOT_FOUND") return false;
    throw cause;
  }
}
