import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { GraftError } from "@graft/error";
import { fileError, writeFileWhole } from "@graft/files";
import { z } from "zod";
import { StoredRegistry } from "./stored-registry.ts";
import { laterOf, type TrustStore } from "./trust-store.ts";

const TrustFile = z.record(z.string(), StoredRegistry);
type TrustFile = z.infer<typeof TrustFile>;

/** What is remembered of registries, in a file: `{ "https://…": { "origin": "graft/…", "number": 1, "current": { … }, "retired": [], "head": { … } } }`. */
export function trustFile(path: string): TrustStore {
  return {
    place: `"${path}"`,
    read: async (registry) => (await readTrust(path))[registry],
    write: async (registry, known) => {
      await mkdir(dirname(path), { recursive: true });
      // Read again: another process may have written meanwhile.
      const all = await readTrust(path);
      await writeFileWhole(path, `${JSON.stringify({ ...all, [registry]: laterOf(all[registry], known) }, null, 2)}\n`, { mode: 0o600 });
    },
  };
}

async function readTrust(path: string): Promise<TrustFile> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return "{}";
    throw fileError(cause, `read "${path}"`);
  });
  try {
    return TrustFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new GraftError("USAGE", `Cannot read what is known of registries from "${path}": the file is damaged`, {
      hint: "Remove it; the next pull pins the registry's key anew",
      cause,
    });
  }
}
