import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { GraftError } from "@graft/error";
import { type Adapter, openAdapter } from "@graft/format";

/** An adapter as `load` takes it: a path, a name that `resolve` knows, bytes, or one that was opened. */
export type AdapterInput = string | Uint8Array | Adapter;

/** Gives the path of the adapter that a name means; undefined when it knows none. */
export type Resolve = (name: string) => Promise<string | undefined>;

/** An opened adapter, and what it is called. */
export interface NamedAdapter {
  readonly adapter: Adapter;
  readonly name: string;
}

/** Opens an adapter and checks every byte of it. FILE_NOT_FOUND, and the codes of openAdapter. */
export async function openInput(input: AdapterInput, resolve?: Resolve): Promise<NamedAdapter> {
  if (typeof input === "string") {
    const looksLikePath = /^[./~]|\.safetensors$|^[A-Za-z]:/.test(input);
    const path = looksLikePath || resolve === undefined ? input : await resolve(input);
    if (path === undefined) throw new GraftError("FILE_NOT_FOUND", `Cannot load the adapter "${input}": nothing of that name is known`, { hint: "Pass a path, or a name that the registry has" });
    const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
      throw new GraftError("FILE_NOT_FOUND", `Cannot load the adapter "${path}": ${cause.code === "ENOENT" ? "it does not exist" : cause.message}`, { cause });
    });
    const adapter = await openAdapter(bytes);
    return { adapter, name: adapter.manifest.name ?? basename(path).replace(/\.safetensors$/, "") };
  }
  const adapter = input instanceof Uint8Array ? await openAdapter(input) : input;
  return { adapter, name: adapter.manifest.name ?? adapter.digest };
}
