import { GraftError } from "@graft/error";
import { canonicalJson } from "@graft/format";
import { checkHead, openHashes, type HeadChecks, type ShownHead } from "./check-head.ts";
import type { Signature, VerifyingKey } from "./keys.ts";
import { entryHash, type KeptEntry, type LogEntry, parseEntry } from "./log/log-entry.ts";
import type { SignedHead } from "./log/tree-head.ts";
import { isIncluded } from "./log/verify-proof.ts";
import type { ResolutionStatement } from "./resolution.ts";
import { verifyStatement } from "./verify.ts";
import { versionStatement, type StatedVersion } from "./version-statement.ts";

/** A version as a registry answers it. */
export interface ShownVersion extends StatedVersion {
  readonly signatures: readonly Signature[];
}

/** What proves a version: the tree head, its entry's place under it, and what the tag or range stood for. Hashes in base64. */
export interface VersionProof extends ShownHead {
  readonly entry: KeptEntry & { readonly position: number };
  readonly inclusion: readonly string[];
  readonly resolution?: { readonly statement: ResolutionStatement; readonly signatures: readonly Signature[] } | undefined;
}

/** What a version is checked against: what was asked for, and what is trusted and remembered. */
export interface VersionChecks extends HeadChecks {
  readonly name: string;
  /** A tag, range or number; left out when a digest was asked for. */
  readonly wanted?: string | undefined;
  /** The author's key, where it is pinned. */
  readonly author?: VerifyingKey | undefined;
}

/** What was found true of a version. */
export interface CheckedVersion {
  readonly head: SignedHead;
  readonly entry: LogEntry;
  readonly position: number;
  /** The registry's key that signed the version. */
  readonly key: VerifyingKey;
  readonly author?: VerifyingKey | undefined;
}

/**
 * Checks all that is claimed of a version: name, registry's signature, tree head, its place in the log, what the tag stood for, and the
 * author's signature where one is pinned. NAME_MISMATCH, SIGNATURE_INVALID, NOT_IN_LOG, TAG_REPLAYED, AUTHOR_MISMATCH, and those of checkHead.
 */
export async function checkVersion(shown: ShownVersion, proof: VersionProof, checks: VersionChecks): Promise<CheckedVersion> {
  if (shown.name !== checks.name) throw mismatch(`it names ${shown.name}, not ${checks.name}`);
  const { keys, author } = checks;
  const statement = versionStatement(shown);
  const key = await verifyStatement(statement, { signatures: shown.signatures, keys: [keys.current, ...keys.retired] });
  const head = await checkHead(proof, checks);
  const entry = await checkEntry(shown, proof, head);
  const provesBefore = keys.retired.find(({ id }) => id === key.id)?.provesBefore;
  if (provesBefore !== undefined && proof.entry.position >= provesBefore)
    throw untrusted(shown, "SIGNATURE_INVALID", "it is signed by a key that was revoked before it was published");
  if (checks.wanted !== undefined) await checkResolution(shown, proof, { ...checks, wanted: checks.wanted, head });
  if (author !== undefined) {
    await verifyStatement(statement, { signatures: shown.signatures, keys: [author] }).catch((cause: unknown) => {
      throw untrusted(shown, "AUTHOR_MISMATCH", `the author's key ${author.id}, which is pinned, did not sign it`, cause);
    });
  }
  return { head, entry, position: proof.entry.position, key, author };
}

async function checkEntry(shown: ShownVersion, { entry, inclusion }: VersionProof, head: SignedHead): Promise<LogEntry> {
  const leaf = { position: entry.position, hash: await entryHash(entry) };
  if (!(await isIncluded(leaf, openHashes(inclusion), head)))
    throw untrusted(shown, "NOT_IN_LOG", `entry ${entry.position} is not in the log of ${head.size} entries`);
  const said = parseEntry(entry.text);
  const isIt = said.kind === "publish" && (["name", "version", "digest", "base"] as const).every((field) => said[field] === shown[field]);
  if (!isIt) throw untrusted(shown, "NOT_IN_LOG", `entry ${entry.position} of the log is about something else`);
  return said;
}

async function checkResolution(
  shown: ShownVersion,
  { resolution }: VersionProof,
  { keys, head, wanted }: VersionChecks & { head: SignedHead; wanted: string },
): Promise<void> {
  if (resolution === undefined) throw untrusted(shown, "SIGNATURE_INVALID", `the registry did not sign that "${wanted}" stands for it`);
  const { statement, signatures } = resolution;
  await verifyStatement(statement, { signatures, keys: [keys.current] });
  const { kind, name, version, size } = statement;
  if (kind !== "graft-resolution-1" || name !== shown.name || statement.wanted !== wanted || version !== shown.version)
    throw mismatch(`"${wanted}" of ${shown.name} stands for ${canonicalJson({ name, version })}, not ${shown.version}`);
  if (size !== head.size) {
    throw untrusted(
      shown,
      "TAG_REPLAYED",
      `what "${wanted}" stands for was signed when the log had ${size} entries, now it has ${head.size}`,
    );
  }
}

function mismatch(why: string): GraftError {
  return new GraftError("NAME_MISMATCH", `Cannot accept the answer of the registry: ${why}`, {
    hint: "Something between you and the registry answers for another adapter; ask the registry without the mirror",
  });
}

function untrusted(
  { name, version }: ShownVersion,
  code: "SIGNATURE_INVALID" | "NOT_IN_LOG" | "TAG_REPLAYED" | "AUTHOR_MISMATCH",
  why: string,
  cause?: unknown,
): GraftError {
  return new GraftError(code, `Cannot trust ${name}@${version}: ${why}`, {
    hint: "Do not use it; ask the registry without a mirror, or tell whoever runs it",
    ...(cause === undefined ? {} : { cause }),
  });
}
