import { GraftError } from "@graft/error";
import type { Published, PublishRequest } from "@graft/protocol";
import { EVERYTHING } from "@graft/storage";
import { auditEntry } from "./access/audit-entry.ts";
import { allowed } from "./authorize.ts";
import { scopeOf, type Caller } from "./caller.ts";
import type { RegistryParts } from "./context.ts";
import { examine } from "./examine.ts";
import { given, versionRecord } from "./records.ts";

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
  // Publishing again, after an answer that was lost, needs no second look at the bytes; the transaction looks once more.
  const known = await metadata.seenBy(EVERYTHING).versions.get(name, version);
  if (known?.digest === request.digest) return await published(parts, publication, "exists");
  checkRequest(publication);
  // A version that is taken is refused by the transaction too, whatever the bytes are: no need to open them.
  const examined =
    known === undefined ? await examine(parts, publication) : { version: { ...known, digest: request.digest }, deltas: undefined };
  const { defaultAccess, quotaBytes: bytes, quotaVersions: versions } = parts.settings;
  const isNewName = (await metadata.seenBy(EVERYTHING).versions.visibility(name)) === undefined;
  const detail = { version, digest: request.digest, label: caller.label, ...given({ tag: request.tag }) };
  const status = await metadata.versions.publish(
    { ...examined.version, publishedBy: caller.actor },
    {
      tag: request.tag,
      visibility: request.access ?? (isNewName ? defaultAccess : undefined),
      quota: { bytes, versions },
      entry: auditEntry(parts, caller, { action: "version.publish", subject: name, scope: scopeOf(name), detail }),
    },
  );
  return { ...(await published(parts, publication, status)), ...given({ deltas: examined.deltas }) };
}

async function published({ metadata }: RegistryParts, { name, version }: Publication, status: Published["status"]): Promise<Published> {
  // Who may publish a name may know of it.
  const { versions } = metadata.seenBy(EVERYTHING);
  const stored = await versions.get(name, version);
  if (stored === undefined) throw new GraftError("INTERNAL", `${name}@${version} vanished`);
  return { status, version: versionRecord(stored, await versions.tags(name)) };
}

function checkRequest({ name, version, request: { manifest } }: Publication): void {
  if (manifest.name === name && manifest.version === version) return;
  throw new GraftError(
    "MANIFEST_INVALID",
    `Cannot publish ${name}@${version}: the manifest says ${manifest.name ?? "no name"}@${manifest.version ?? "no version"}`,
    {
      hint: "graft publish writes both into the copy that it sends",
    },
  );
}
