import type { Manifest } from "@graft/format";
import type { BaseRecord, BaseSummary, TokenRecord, VersionRecord, VersionSummary } from "@graft/protocol";
import type { StoredBase, StoredBaseSummary, StoredToken, StoredVersion, StoredVersionSummary } from "@graft/storage";
import { versionStatement } from "@graft/trust";

/** What is stored of a version, in the protocol's words: who published it stays inside. */
export function versionSummary(stored: StoredVersionSummary): VersionSummary {
  const { name, version, digest, size, tensorsDigest, base, publishedAt, deprecated } = stored;
  return { name, version, digest, size, tensorsDigest, base, publishedAt, ...given({ deprecated }) };
}

/** A stored version with the tags that name it. */
export function versionRecord(version: StoredVersion, tags: Readonly<Record<string, string>>): VersionRecord {
  return {
    ...versionSummary(version),
    tags: Object.keys(tags).filter((tag) => tags[tag] === version.version),
    // Checked when it was published.
    manifest: version.manifest as Manifest,
    files: [...(version.files ?? [])] as VersionRecord["files"],
    statement: versionStatement(version),
    signatures: [...version.signatures],
  };
}

/** A stored base for a list. */
export function baseSummary(base: StoredBaseSummary): BaseSummary {
  const { name, revision, family, license, derivedFrom, fingerprint, matrixCount, registeredAt } = base;
  return { name, ...given({ revision, family, license, derivedFrom }), fingerprint, matrixCount, registeredAt };
}

/** A stored base, whole, with the bases that were made from it. */
export function baseRecord(base: StoredBase, variants: readonly StoredBaseSummary[]): BaseRecord {
  const { name, revision, family, source, license, derivedFrom, fingerprint, matrices, files, tokenizer, registeredAt } = base;
  return {
    name,
    ...given({ revision, family, source, license, derivedFrom, tokenizer }),
    fingerprint,
    matrices: [...matrices],
    files: [...files],
    registeredAt,
    variants: variants.map(baseSummary),
  };
}

/** A stored token without its hash. */
export function tokenRecord(token: Omit<StoredToken, "hash" | "user"> & { readonly user?: string | undefined }): TokenRecord {
  const { id, label, names, actions, user, addresses, createdAt, expiresAt, usedAt } = token;
  const ranges = addresses === undefined ? undefined : [...addresses];
  return {
    id,
    label,
    names: [...names],
    actions: actions as TokenRecord["actions"],
    ...given({ user, addresses: ranges }),
    createdAt,
    ...given({ expiresAt, usedAt }),
  };
}

/** Without the keys whose value is undefined. */
export function given<Fields extends object>(fields: Fields): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]?: Exclude<Fields[Key], undefined>;
  };
}
