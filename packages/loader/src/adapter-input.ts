import { GraftError, restate } from "@graft/error";
import { type Adapter, openAdapter } from "@graft/format";

/** An adapter as `load` takes it: a path, a name (`@scope/name`) that `resolve` knows, bytes, or one that was opened. */
export type AdapterInput = string | Uint8Array | Adapter;

/** Where the file of a name lies, and the digest that it must have. */
export interface Resolved {
  readonly path: string;
  readonly digest?: string;
}

/** Finds the file of an adapter's name. */
export type Resolve = (name: string) => Promise<Resolved>;

/** Reads a file; FILE_NOT_FOUND where there is none. In a page, what a path means is up to who passes this. */
export type ReadFile = (path: string) => Promise<Uint8Array>;

/** An opened adapter, and what it is called. */
export interface NamedAdapter {
  readonly adapter: Adapter;
  readonly name: string;
}

/** Opens an adapter and checks every byte of it. FILE_NOT_FOUND, DIGEST_MISMATCH, USAGE, and the codes of openAdapter. */
export async function openInput(
  input: AdapterInput,
  { read, resolve }: { readonly read: ReadFile; readonly resolve?: Resolve | undefined },
): Promise<NamedAdapter> {
  if (typeof input !== "string") {
    const adapter = input instanceof Uint8Array ? await openAdapter(input) : input;
    return { adapter, name: adapter.manifest.name ?? adapter.digest };
  }
  const { path, digest } = input.startsWith("@") ? await resolveName(input, resolve) : { path: input };
  const bytes = await read(path).catch((cause: unknown) => {
    throw restate(cause, `load the adapter "${input}"`, "Pass the path of an adapter, or a name such as @scope/name");
  });
  const adapter = await openAdapter(bytes).catch((cause: unknown) => {
    throw restate(cause, `load the adapter "${input}"`, "Pass the file that graft train wrote, or pull it again");
  });
  if (digest !== undefined && adapter.digest !== digest) {
    throw new GraftError(
      "DIGEST_MISMATCH",
      `Cannot load the adapter "${input}": its file has the digest ${adapter.digest}, want ${digest}`,
      { detail: { path } },
    );
  }
  return { adapter, name: adapter.manifest.name ?? fileName(path) };
}

async function resolveName(name: string, resolve: Resolve | undefined): Promise<Resolved> {
  if (resolve !== undefined) return resolve(name);
  throw new GraftError("USAGE", `Cannot load the adapter "${name}": there is no registry to find it in`, {
    hint: "Pass `resolve`, or use load of the package that knows a registry",
  });
}

function fileName(path: string): string {
  return (path.split(/[/\\]/).at(-1) ?? path).replace(/\.safetensors$/, "");
}
