import type { Digest } from "@graft/digest";
import { GraftError } from "@graft/error";
import { sql, type Kysely, type RawBuilder, type Transaction } from "kysely";
import type { BlobRecords } from "../metadata/blob-records.ts";
import type { StoredVersion } from "../metadata/version-store.ts";
import { asDigest } from "./columns.ts";
import { lock, textList } from "./dialect.ts";
import type { Database } from "./schema.ts";
import { transact } from "./transact.ts";

/** Records of blobs in SQL. */
export function sqlBlobs(database: Kysely<Database>): BlobRecords {
  return {
    uploaded: async (digest, { owner, at }) => {
      await database
        .insertInto("blob_uploads")
        .values({ digest, owner, uploaded_at: at })
        .onConflict((conflict) => conflict.columns(["digest", "owner"]).doUpdateSet({ uploaded_at: at }))
        .execute();
    },
    hasUploaded: async (digest, owner) =>
      (await database
        .selectFrom("blob_uploads")
        .select("owner")
        .where("digest", "=", digest)
        .where("owner", "=", owner)
        .executeTakeFirst()) !== undefined,
    mark: (digests, at) =>
      transact(database, async (transaction) => {
        const given = textList(transaction, digests);
        await sql`delete from blob_marks where digest in ${given} and ${isNamed(sql.ref("blob_marks.digest"))}`.execute(transaction);
        await sql`
          insert into blob_marks (digest, marked_at)
          select value, ${at} from ${given} as given where not ${isNamed(sql.ref("given.value"))}
          on conflict (digest) do nothing`.execute(transaction);
      }),
    marked: async (before, { limit, after = "" }) => {
      const marks = database.selectFrom("blob_marks").select("digest").where("marked_at", "<", before).where("digest", ">", after);
      return (await marks.orderBy("digest").limit(limit).execute()).map(({ digest }) => asDigest(digest));
    },
    collect: (digest, { before, remove }) =>
      transact(database, async (transaction) => {
        await holdBlob(transaction, digest);
        const { rows } = await sql`
          select 1 from blob_marks where digest = ${digest} and marked_at < ${before} and not ${isNamed(sql`${digest}`)}
          and not exists (select 1 from blob_uploads where blob_uploads.digest = ${digest} and uploaded_at >= ${before})`.execute(
          transaction,
        );
        if (rows.length === 0) return false;
        await remove();
        await transaction.deleteFrom("blob_marks").where("digest", "=", digest).execute();
        await transaction.deleteFrom("blob_uploads").where("digest", "=", digest).execute();
        return true;
      }),
  };
}

/** Everything that names a blob. Whatever begins to name one does so after `confirmBlobs`, in the same transaction. */
function isNamed(digest: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`(
    exists (select 1 from versions where versions.digest = ${digest} and versions.withdrawn_at is null)
    or exists (select 1 from staged_blobs where staged_blobs.digest = ${digest})
    or exists (
      select 1 from version_files inner join versions on versions.name = version_files.name and versions.version = version_files.version
      where version_files.digest = ${digest} and versions.withdrawn_at is null))`;
}

/** Until the transaction ends, nobody else begins to name the blob, and nobody removes it. */
async function holdBlob(transaction: Transaction<Database>, digest: string): Promise<void> {
  await lock(transaction, `blob ${digest}`);
}

/** Makes sure that blobs are there and stay there, for a transaction that begins to name them. NOT_FOUND when one was collected. */
export async function confirmBlobs(
  transaction: Transaction<Database>,
  { digest, files = [] }: Pick<StoredVersion, "digest" | "files">,
  isStored: ((digest: Digest) => Promise<boolean>) | undefined,
): Promise<void> {
  if (isStored === undefined) return;
  // In one order, so that no two wait for each other.
  for (const each of [...new Set([digest, ...files.map((file) => file.digest)])].toSorted()) {
    await holdBlob(transaction, each);
    if (await isStored(each)) continue;
    throw new GraftError("NOT_FOUND", `Cannot name the blob ${each}: nothing named it for too long, so it was removed`, {
      hint: "Upload the bytes again",
      detail: { digest: each },
    });
  }
}
