import { GraftError } from "@graft/error";
import type { Access, Published, PublishRequest } from "@graft/protocol";
import { EVERYTHING, type StoredVersion } from "@graft/storage";
import { auditEntry } from "./access/audit-entry.ts";
import { allowed } from "./authorize.ts";
import { scopeOf, type Caller } from "./caller.ts";
import type { RegistryParts } from "./context.ts";
import { examine } from "./examine.ts";
import { given, versionRecord } from "./records.ts";
import { refuseTypo } from "./refuse-typo.ts";
import { withdrawn } from "./withdraw.ts";

/** A publish as it came in: the name and version are the URL's. */
export interface Publication {
  readonly caller: Caller | undefined;
  readonly name: string;
  readonly version: string;
  readonly request: PublishRequest;
}

/** Makes uploaded bytes a version: who may, whether it is taken, what the bytes are, whether they fit; then one transaction. */
export async function publish(parts: RegistryParts, publication: Publication): Promise<Published> {
  const { metadata } = parts;
  const { name, version, request } = publication;
  const caller = allowed(publication.caller, "publish", name);
  checkNamed(publication);
  // A version that is taken is settled by the transaction, whatever the bytes are: no need to open them, after an answer that was lost.
  const { versions } = metadata.seenBy(EVERYTHING);
  const known = await versions.get(name, version);
  const { tag, access, digest, files = [] } = request;
  const gone = known === undefined ? await versions.withdrawal(name, version) : undefined;
  if (gone !== undefined) throw gone.digest === digest ? withdrawn({ name, version, ...gone }) : takenForEver(name, version);
  const examined = known === undefined ? await examine(parts, publication) : { version: { ...known, digest, files } };
  const published = await publishExamined(parts, { version: examined.version, caller, tag, access });
  return { ...published, ...("deltas" in examined ? { deltas: examined.deltas } : {}) };
}

function takenForEver(name: string, version: string): GraftError {
  return new GraftError("VERSION_TAKEN", `Cannot publish ${name}@${version}: the version existed with other bytes, and was withdrawn`, {
    hint: "Publish under a new version; a number is never used again",
  });
}

/** A version that was examined, and what its publisher said of it. */
interface ExaminedPublication {
  readonly version: StoredVersion;
  readonly caller: Caller;
  readonly tag?: string | undefined;
  readonly access?: Access | undefined;
}

/** The commit of a version that was examined. */
export async function publishExamined(parts: RegistryParts, { version, caller, tag, access }: ExaminedPublication): Promise<Published> {
  const { metadata, settings } = parts;
  const { name, digest } = version;
  // Who may publish a name may know of it.
  const { versions } = metadata.seenBy(EVERYTHING);
  const isNewName = (await versions.visibility(name)) === undefined;
  if (isNewName) await refuseTypo(parts, { caller, name });
  const detail = { version: version.version, digest, label: caller.label, ...given({ tag }) };
  const status = await metadata.versions.publish(
    { ...version, publishedBy: caller.actor },
    {
      tag,
      visibility: access ?? (isNewName ? settings.defaultAccess : undefined),
      quota: { bytes: settings.quotaBytes, versions: settings.quotaVersions },
      entry: auditEntry(parts, caller, { action: "version.publish", subject: name, scope: scopeOf(name), detail }),
      isStored: isStoredIn(parts),
    },
  );
  const stored = await versions.get(name, version.version);
  if (stored === undefined) throw new GraftError("INTERNAL", `${name}@${version.version} vanished`);
  return { status, version: versionRecord(stored, await versions.tags(name)) };
}

/** Asks the store of blobs, inside the transaction that names one. */
export function isStoredIn({ blobs }: RegistryParts): (digest: StoredVersion["digest"]) => Promise<boolean> {
  return async (digest) => (await blobs.size(digest)) !== undefined;
}

/** The manifest must say the name and version of the path. MANIFEST_INVALID. */
export function checkNamed({ name, version, request: { manifest } }: Pick<Publication, "name" | "version" | "request">): void {
  if (manifest.name === name && manifest.version === version) return;
  throw new GraftError(
    "MANIFEST_INVALID",
    `Cannot publish ${name}@${version}: the manifest says ${manifest.name ?? "no name"}@${manifest.version ?? "no version"}`,
    { hint: "graft publish writes both into the copy that it sends" },
  );
}
