import { DigestText, Name, Range, Tag, Version } from "@graft/format";
import { z } from "zod";

/** Name of the file that pins what an app got. */
export const LOCK_FILE = "graft-lock.json";

/** One version that is pinned. What a new version changes stands first, so that two changes of neighbours stay apart in a merge. */
export const LockedAdapter = z.strictObject({
  version: Version,
  digest: DigestText.describe("sha256 of the file"),
  size: z.int().min(0).describe("Bytes of the file"),
  range: z.union([Range, Tag]).describe("What graft.json asked for when this was chosen"),
  base: DigestText.describe("Fingerprint of the base"),
});
/** One version that is pinned. */
export type LockedAdapter = z.infer<typeof LockedAdapter>;

/** `graft-lock.json`: written by `graft`, kept in the repository of the app. */
export const LockFile = z.strictObject({
  lockVersion: z.literal(1),
  registries: z
    .record(z.string().regex(/^@[a-z0-9]+(?:[._-][a-z0-9]+)*$/, 'want "@scope"'), z.url({ protocol: /^https?$/ }))
    .describe("The registry of each scope"),
  adapters: z.record(Name, LockedAdapter),
});
/** `graft-lock.json`: written by `graft`, kept in the repository of the app. */
export type LockFile = z.infer<typeof LockFile>;

/** A lock that pins nothing. */
export const EMPTY_LOCK: LockFile = { lockVersion: 1, registries: {}, adapters: {} };

/** The scope of a name, with its "@". */
export function scopeOf(name: string): string {
  return name.slice(0, name.indexOf("/"));
}

/** The lock as it is written: sorted, one field a line, and no registry of a scope that nothing is pinned of. */
export function lockText({ registries, adapters }: LockFile): string {
  const scopes = new Set(Object.keys(adapters).map(scopeOf));
  const fields = Object.entries(adapters).map(
    ([name, { version, digest, size, range, base }]) => [name, { version, digest, size, range, base }] as const,
  );
  const lock: LockFile = {
    lockVersion: 1,
    registries: sorted(Object.entries(registries).filter(([scope]) => scopes.has(scope))),
    adapters: sorted(fields),
  };
  return `${JSON.stringify(lock, null, 2)}\n`;
}

/** An object whose keys come in the order of their code points, wherever it is written. */
export function sorted<Value>(entries: readonly (readonly [string, Value])[]): Record<string, Value> {
  return Object.fromEntries(entries.toSorted(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)));
}
