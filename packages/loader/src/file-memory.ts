import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Base } from "@graft/architectures";
import { sha256 } from "@graft/digest";
import { writeFileWhole } from "@graft/files";
import type { IdentityMemory, KnownIdentity } from "./base-identity.ts";

/**
 * Keeps what is known of bases in a folder, a file for each. A base is known by the path, size, time of change and number of each of its
 * files, so that one that was changed is looked at anew; what cannot be read or written is computed again.
 */
export function fileMemory(folder: string): IdentityMemory {
  const place = async ({ files, kind }: Base): Promise<string> => {
    const facts = await Promise.all(
      files.map(async (path) => {
        const { size, mtimeMs, ctimeMs, ino } = await stat(path);
        return [path, size, mtimeMs, ctimeMs, ino];
      }),
    );
    const digest = await sha256(new TextEncoder().encode(JSON.stringify([kind, ...facts])));
    return join(folder, `${digest.slice("sha256:".length)}.json`);
  };
  return {
    async load(base) {
      const text = await readFile(await place(base), "utf8").catch(() => undefined);
      return text === undefined ? undefined : parse(text);
    },
    async save(base, known) {
      await mkdir(folder, { recursive: true })
        .then(async () => writeFileWhole(await place(base), JSON.stringify(known)))
        .catch(() => undefined);
    },
  };
}

function parse(text: string): KnownIdentity | undefined {
  try {
    const known = JSON.parse(text) as KnownIdentity;
    return typeof known.matrices === "object" ? known : undefined;
  } catch {
    return undefined;
  }
}
