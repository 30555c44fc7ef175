import type { Kysely, Transaction } from "kysely";
import type { StagedVersion, StageStore } from "../metadata/stage-store.ts";
import type { StoredVersion } from "../metadata/version-store.ts";
import type { Visibility } from "../metadata/viewer.ts";
import { appendAudit } from "./audit.ts";
import { confirmBlobs } from "./blobs.ts";
import { optional } from "./columns.ts";
import type { Database } from "./schema.ts";
import type { StagedVersionTable } from "./tables/version-life.ts";
import { transact } from "./transact.ts";

/** Staged versions in SQL. */
export function sqlStaged(database: Kysely<Database>): StageStore {
  return {
    put: ({ version, tag, visibility, stagedAt, stagedBy }, { entry, isStored } = {}) =>
      transact(database, async (transaction) => {
        const place = { name: version.name, version: version.version };
        await confirmBlobs(transaction, version, isStored);
        await removeStaged(transaction, place);
        const document = JSON.stringify(version);
        await transaction
          .insertInto("staged_versions")
          .values({ ...place, document, tag: tag ?? null, visibility: visibility ?? null, staged_at: stagedAt, staged_by: stagedBy })
          .execute();
        const digests = new Set([version.digest, ...(version.files ?? []).map(({ digest }) => digest)]);
        await transaction
          .insertInto("staged_blobs")
          .values([...digests].map((digest) => ({ ...place, digest })))
          .execute();
        if (entry !== undefined) await appendAudit(transaction, entry);
      }),
    get: async (name, version) => {
      const row = await database
        .selectFrom("staged_versions")
        .selectAll()
        .where("name", "=", name)
        .where("version", "=", version)
        .executeTakeFirst();
      return row && stagedOf(row);
    },
    list: async ({ limit, after, name }) => {
      let query = database.selectFrom("staged_versions").selectAll().orderBy("name").orderBy("version").limit(limit);
      if (name !== undefined) query = query.where("name", "=", name);
      if (after !== undefined) {
        const at = after.indexOf("@", 1);
        const last = { name: after.slice(0, at), version: after.slice(at + 1) };
        query = query.where((where) =>
          where.or([where("name", ">", last.name), where.and([where("name", "=", last.name), where("version", ">", last.version)])]),
        );
      }
      return (await query.execute()).map(stagedOf);
    },
    delete: (place, entry) =>
      transact(database, async (transaction) => {
        const isThere = await removeStaged(transaction, place);
        if (isThere && entry !== undefined) await appendAudit(transaction, entry);
        return isThere;
      }),
    namesWith: async (digest) => {
      const rows = await database.selectFrom("staged_blobs").select("name").distinct().where("digest", "=", digest).limit(100).execute();
      return rows.map(({ name }) => name);
    },
  };
}

/** Ends a stage, in the transaction that publishes the version too. */
export async function removeStaged(
  transaction: Transaction<Database>,
  { name, version }: { readonly name: string; readonly version: string },
): Promise<boolean> {
  await transaction.deleteFrom("staged_blobs").where("name", "=", name).where("version", "=", version).execute();
  const { numDeletedRows } = await transaction
    .deleteFrom("staged_versions")
    .where("name", "=", name)
    .where("version", "=", version)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

function stagedOf({ document, tag, visibility, staged_at, staged_by }: StagedVersionTable): StagedVersion {
  return {
    version: JSON.parse(document) as StoredVersion,
    ...optional("tag", tag),
    ...optional("visibility", visibility as Visibility | null),
    stagedAt: staged_at,
    stagedBy: staged_by,
  };
}
