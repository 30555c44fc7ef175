import { GraftError } from "@graft/error";
import type { Published, PublishRequest, Staged, StagedList, StagedVersion as StagedRecord } from "@graft/protocol";
import { EVERYTHING, type AuditEntry, type StagedVersion } from "@graft/storage";
import { versionStatement } from "@graft/trust";
import { auditEntry } from "./access/audit-entry.ts";
import { allowed, may, signedIn } from "./authorize.ts";
import { scopeOf, type Caller } from "./caller.ts";
import type { RegistryParts } from "./context.ts";
import { cutPage, storePage } from "./cursor.ts";
import { examine } from "./examine.ts";
import { checkNamed, isStoredIn, publishExamined } from "./publish.ts";
import { given } from "./records.ts";

/** A staged version by who asks and where it is. */
interface Place {
  readonly caller: Caller | undefined;
  readonly name: string;
  readonly version: string;
}

/** Checks uploaded bytes as a publish does, and lets them wait. VERSION_TAKEN when the number is, and all that a publish throws. */
export async function stage(parts: RegistryParts, { request, ...place }: Place & { request: PublishRequest }): Promise<Staged> {
  const { name, version } = place;
  const caller = allowed(place.caller, "publish", name);
  const { versions } = parts.metadata.seenBy(EVERYTHING);
  if ((await versions.get(name, version)) !== undefined || (await versions.withdrawal(name, version)) !== undefined)
    throw new GraftError("VERSION_TAKEN", `Cannot stage ${name}@${version}: the version exists`, { hint: "Stage it under a new version" });
  checkNamed({ name, version, request });
  const examined = await examine(parts, { caller, name, version, request });
  const staged: StagedVersion = {
    version: { ...examined.version, publishedBy: caller.actor },
    tag: request.tag,
    visibility: request.access,
    stagedAt: parts.clock().toISOString(),
    stagedBy: caller.actor,
  };
  const entry = changeOf(parts, { caller, name, version }, "version.stage");
  await parts.metadata.staged.put(staged, { entry, isStored: isStoredIn(parts) });
  return { staged: recordOf(staged), deltas: examined.deltas };
}

/** Publishes a staged version as of now, signed now. NOT_FOUND. */
export async function approve(parts: RegistryParts, { name, version, ...asking }: Place): Promise<Published> {
  const caller = allowed(asking.caller, "publish", name);
  const staged = await parts.metadata.staged.get(name, version);
  if (staged === undefined) throw missing(name, version);
  const statement = versionStatement(staged.version);
  return publishExamined(parts, {
    version: {
      ...staged.version,
      signatures: [await parts.key.sign(statement)],
      publishedAt: parts.clock().toISOString(),
    },
    caller,
    tag: staged.tag,
    access: staged.visibility,
  });
}

/** Drops a staged version; its number is free again. NOT_FOUND. */
export async function unstage(parts: RegistryParts, { name, version, ...asking }: Place): Promise<void> {
  const caller = allowed(asking.caller, "publish", name);
  const entry = changeOf(parts, { caller, name, version }, "version.unstage");
  if (!(await parts.metadata.staged.delete({ name, version }, entry))) throw missing(name, version);
}

function changeOf(parts: RegistryParts, { caller, name, version }: Place & { caller: Caller }, action: string): AuditEntry {
  return auditEntry(parts, caller, { action, subject: name, scope: scopeOf(name), detail: { version } });
}

/** Staged versions of the names that the caller may publish. */
export async function listStaged(
  { metadata }: RegistryParts,
  { caller, query }: { caller: Caller | undefined; query: { limit: number; cursor?: string | undefined; name?: string | undefined } },
): Promise<StagedList> {
  const asking = signedIn(caller);
  const found = await metadata.staged.list({ ...storePage(query), ...given({ name: query.name }) });
  const { items, ...rest } = cutPage(found, { limit: query.limit, key: ({ version }) => `${version.name}@${version.version}` });
  const own = items.filter(({ version }) => may(asking, "publish", version.name));
  return { staged: own.map(recordOf), ...rest };
}

function missing(name: string, version: string): GraftError {
  return new GraftError("NOT_FOUND", `Cannot find ${name}@${version} among the staged versions`, { hint: "See graft staged" });
}

function recordOf({ version, tag, visibility, stagedAt }: StagedVersion): StagedRecord {
  const { name, version: number, digest, size, tensorsDigest, base } = version;
  return { name, version: number, digest, size, tensorsDigest, base, ...given({ tag, access: visibility }), stagedAt };
}
