import { sha256, type Digest } from "@graft/digest";
import { GraftError } from "@graft/error";
import type { Kysely, Transaction } from "kysely";
import type { LogChange } from "../metadata/log-store.ts";
import type { PublishOptions, StoredVersion } from "../metadata/version-store.ts";
import type { Visibility } from "../metadata/viewer.ts";
import { isPrerelease, versionOrder } from "../version-order.ts";
import { appendAudit } from "./audit.ts";
import { canonicalName } from "./canonical-name.ts";
import { chargeScope } from "./charge-scope.ts";
import { appendLog } from "./append-log.ts";
import { confirmBlobs } from "./blobs.ts";
import { lock } from "./dialect.ts";
import { refreshAdapter } from "./refresh-adapter.ts";
import type { Database } from "./schema.ts";
import { removeStaged } from "./staged.ts";
import { transact } from "./transact.ts";
import { filesOf } from "./version-reader.ts";

/** The commit point of a publish: after it the version is there with all that belongs to it, before it nothing is. */
export async function publish(
  database: Kysely<Database>,
  version: StoredVersion,
  { tag, visibility, quota = {}, entry, isStored }: PublishOptions = {},
): Promise<"created" | "exists"> {
  const targets = [...new Set(version.targets)].sort();
  const setDigest = await sha256(new TextEncoder().encode(targets.join("\n")));
  return await transact(database, async (transaction) => {
    await lock(transaction, `adapter ${canonicalName(version.name)}`);
    const taken = await transaction
      .selectFrom("versions")
      .select(["digest", "withdrawn_at"])
      .where("name", "=", version.name)
      .where("version", "=", version.version)
      .executeTakeFirst();
    if (taken !== undefined) return await settle(transaction, version, taken);
    await confirmBlobs(transaction, version, isStored);
    await chargeScope(transaction, { version, quota });
    await addAdapter(transaction, version, visibility);
    const targetSet = targets.length === 0 ? null : await addTargetSet(transaction, { digest: setDigest, targets });
    await transaction
      .insertInto("versions")
      .values({ ...rowOf(version), target_set: targetSet, target_count: targets.length })
      .execute();
    await addFiles(transaction, version);
    await removeStaged(transaction, version);
    await moveNewest(transaction, version);
    await refreshAdapter(transaction, version.name);
    if (entry !== undefined) await appendAudit(transaction, entry);
    const moved = await moveTag(transaction, version, tag);
    await appendLog(transaction, [publishedChange(version), ...(moved === undefined ? [] : [taggedChange(version, moved)])], {
      signedBy: version.signatures[0]?.key,
    });
    return "created";
  });
}

/** What becomes of a number that is taken: the same again is fine, anything else is refused for ever. */
async function settle(
  transaction: Transaction<Database>,
  version: StoredVersion,
  taken: { readonly digest: string; readonly withdrawn_at: string | null },
): Promise<"exists"> {
  if (taken.digest !== version.digest) throw versionTaken(version, taken.digest);
  if (taken.withdrawn_at !== null) {
    throw new GraftError("WITHDRAWN", `Cannot publish ${version.name}@${version.version}: it was withdrawn on ${taken.withdrawn_at}`, {
      hint: "Publish under a new version; a number is never used again",
    });
  }
  const files = new Map((await filesOf(transaction, version)).map(({ path, digest }) => [path, digest]));
  const sent = version.files ?? [];
  if (sent.length !== files.size || sent.some(({ path, digest }) => files.get(path) !== digest)) {
    throw new GraftError(
      "VERSION_TAKEN",
      `Cannot publish ${version.name}@${version.version}: the version exists with other files beside it`,
      {
        hint: "Publish under a new version; a version never changes",
        detail: { published: Object.fromEntries(files) },
      },
    );
  }
  return "exists";
}

async function addFiles(transaction: Transaction<Database>, { name, version, files = [] }: StoredVersion): Promise<void> {
  if (files.length === 0) return;
  const rows = files.map(({ path, digest, size }) => ({ name, version, path, digest, size }));
  await transaction.insertInto("version_files").values(rows).execute();
}

function versionTaken(version: StoredVersion, digest: string): GraftError {
  return new GraftError("VERSION_TAKEN", `Cannot publish ${version.name}@${version.version}: the version exists with other bytes`, {
    hint: "Publish under a new version; a version never changes",
    detail: { published: digest, sent: version.digest },
  });
}

async function addAdapter(transaction: Transaction<Database>, { name }: StoredVersion, visibility?: Visibility): Promise<void> {
  const canonical = canonicalName(name);
  const resembled = await transaction
    .selectFrom("adapters")
    .select(["name", "visibility"])
    .where("canonical", "=", canonical)
    .executeTakeFirst();
  if (resembled !== undefined && resembled.name !== name) {
    throw new GraftError("CONFLICT", `Cannot publish ${name}: it resembles ${resembled.name}`, {
      hint: "Choose a name that differs in more than '-', '_', '.' and letters that look alike (0 and o, 1 and l, rn and m, vv and w)",
      detail: { resembles: resembled.name },
    });
  }
  if (resembled !== undefined && visibility !== undefined && resembled.visibility !== visibility) {
    throw new GraftError("CONFLICT", `Cannot publish ${name} as ${visibility}: it is ${resembled.visibility}`, {
      hint: "Change who may read it first, then publish",
      detail: { visibility: resembled.visibility },
    });
  }
  const scope = name.slice(1, name.indexOf("/"));
  await transaction
    .insertInto("adapters")
    .values({ name, canonical, newest: null, scope, visibility: visibility ?? "public" })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function addTargetSet(
  transaction: Transaction<Database>,
  { digest, targets }: { digest: Digest; targets: readonly Digest[] },
): Promise<number> {
  const find = () => transaction.selectFrom("target_sets").select("id").where("digest", "=", digest).executeTakeFirst();
  const known = await find();
  if (known !== undefined) return known.id;
  // Adapters of one base come at once, with one set.
  await lock(transaction, `targets ${digest}`);
  const meanwhile = await find();
  if (meanwhile !== undefined) return meanwhile.id;
  const { id } = await transaction
    .insertInto("target_sets")
    .values({ digest, size: targets.length })
    .returning("id")
    .executeTakeFirstOrThrow();
  for (let start = 0; start < targets.length; start += 10_000) {
    await transaction
      .insertInto("targets")
      .values(targets.slice(start, start + 10_000).map((matrix) => ({ matrix, target_set: id })))
      .execute();
  }
  return id;
}

/** Lists show the newest release, or the newest pre-release while there is no release. */
async function moveNewest(transaction: Transaction<Database>, { name, version }: StoredVersion): Promise<void> {
  const newest = await transaction
    .selectFrom("versions")
    .select(["id", "version"])
    .where("name", "=", name)
    .where("withdrawn_at", "is", null)
    .orderBy("prerelease")
    .orderBy("sort", "desc")
    .limit(1)
    .executeTakeFirstOrThrow();
  if (newest.version !== version) return;
  await transaction.updateTable("adapters").set({ newest: newest.id }).where("name", "=", name).execute();
}

function publishedChange({ name, version, digest, base, signatures, publishedAt: time }: StoredVersion): LogChange {
  const author = signatures.find(({ publicKey }) => publicKey !== undefined)?.publicKey;
  return { kind: "publish", name, version, time, facts: { digest, base, author } };
}

function taggedChange({ name, version, publishedAt: time }: StoredVersion, tag: string): LogChange {
  return { kind: "tag", name, version, time, facts: { tag } };
}

/** Gives the tag that moved, if one did. */
async function moveTag(transaction: Transaction<Database>, { name, version }: StoredVersion, tag?: string): Promise<string | undefined> {
  if (tag === undefined) {
    const latest = await transaction
      .selectFrom("tags")
      .select("version")
      .where("name", "=", name)
      .where("tag", "=", "latest")
      .executeTakeFirst();
    const isForward = latest === undefined || (!isPrerelease(version) && versionOrder(version) > versionOrder(latest.version));
    // A first pre-release becomes `latest`, or a plain install would find nothing.
    if (!isForward) return undefined;
  }
  await transaction
    .insertInto("tags")
    .values({ name, tag: tag ?? "latest", version })
    .onConflict((conflict) => conflict.columns(["name", "tag"]).doUpdateSet({ version }))
    .execute();
  return tag ?? "latest";
}

function rowOf(version: StoredVersion) {
  return {
    name: version.name,
    version: version.version,
    sort: versionOrder(version.version),
    prerelease: isPrerelease(version.version) ? 1 : 0,
    digest: version.digest,
    size: version.size,
    tensors_digest: version.tensorsDigest,
    base: version.base,
    method: version.method,
    task: version.task,
    description: version.description ?? null,
    keywords: JSON.stringify(version.keywords),
    manifest: JSON.stringify(version.manifest),
    signatures: JSON.stringify(version.signatures),
    published_at: version.publishedAt,
    published_by: version.publishedBy,
    deprecated: null,
    withdrawn_at: null,
    withdrawn_why: null,
  };
}
