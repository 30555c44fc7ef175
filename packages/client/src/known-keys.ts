import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { GraftError } from "@graft/error";
import { fileError, writeFileWhole } from "@graft/files";
import type { PublicKey } from "@graft/protocol";
import { z } from "zod";
import type { KeyStore } from "./key-store.ts";

const KnownKeys = z.record(z.string(), z.array(z.object({ id: z.string(), key: z.string() })));
type KnownKeys = z.infer<typeof KnownKeys>;

/** Keys of registries, pinned on first use in a file. */
export function keyFile(path: string): KeyStore {
  return { place: `"${path}"`, pinned: (registry, fetchKeys) => pinnedKeys(path, { registry, fetchKeys }) };
}

async function pinnedKeys(
  path: string,
  options: { registry: string; fetchKeys: () => Promise<readonly PublicKey[]> },
): Promise<KnownKeys[string]> {
  const known = await readKnownKeys(path);
  const pinned = known[options.registry];
  if (pinned !== undefined) return pinned;
  const keys = (await options.fetchKeys()).map(({ id, key }) => ({ id, key }));
  await mkdir(dirname(path), { recursive: true });
  // Read again: another process may have pinned a registry of its own meanwhile.
  await writeFileWhole(path, `${JSON.stringify({ ...(await readKnownKeys(path)), [options.registry]: keys }, null, 2)}\n`, { mode: 0o600 });
  return keys;
}

async function readKnownKeys(path: string): Promise<KnownKeys> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return "{}";
    throw fileError(cause, `read "${path}"`);
  });
  try {
    return KnownKeys.parse(JSON.parse(text));
  } catch (cause) {
    throw new GraftError("USAGE", `Cannot read the known keys "${path}": the file is damaged`, {
      hint: "Remove it; the next pull pins the registry's key anew",
      cause,
    });
  }
}
