import type { Digest } from "@graft/digest";
import type { Kysely, Selectable } from "kysely";
import type { AuditEntry } from "../metadata/audit-store.ts";
import type { BaseStore, StoredBase, StoredBaseSummary, StoredDerivation, StoredMatrix } from "../metadata/base-store.ts";
import { appendAudit } from "./audit.ts";
import { asDigest, optional } from "./columns.ts";
import type { Database } from "./schema.ts";
import type { BaseTable } from "./tables/bases.ts";
import { transact } from "./transact.ts";

/** Rows of one insert: SQLite allows 32,766 parameters. */
const BATCH = 2_000;

/** Bases in SQL. */
export function sqlBases(database: Kysely<Database>): BaseStore {
  const find = (fingerprint: Digest) => database.selectFrom("bases").selectAll().where("fingerprint", "=", fingerprint).executeTakeFirst();
  return {
    put: (base, entry) => put(database, base, entry),
    summary: async (fingerprint) => {
      const row = await find(fingerprint);
      return row && baseSummaryOf(row);
    },
    get: async (fingerprint) => {
      const row = await find(fingerprint);
      if (row === undefined) return undefined;
      const matrices = await database.selectFrom("base_matrices").selectAll().where("base", "=", fingerprint).orderBy("position").execute();
      const files = await database
        .selectFrom("base_files")
        .selectAll()
        .where("base", "=", fingerprint)
        .orderBy("name")
        .orderBy("digest")
        .execute();
      const { matrixCount: _, ...summary } = baseSummaryOf(row);
      return {
        ...summary,
        ...optional("source", row.source),
        ...optional("tokenizer", row.tokenizer === null ? null : asDigest(row.tokenizer)),
        matrices: matrices.map(({ module, digest, rows, columns, norm }) => ({ module, digest: asDigest(digest), rows, columns, norm })),
        files: files.map(({ name, digest, size }) => ({ name, digest: asDigest(digest), size: Number(size) })),
      };
    },
    list: async ({ limit, after, name }) => {
      let query = database.selectFrom("bases").selectAll().orderBy("name").orderBy("fingerprint").limit(limit);
      if (name !== undefined) query = query.where("name", "=", name);
      if (after !== undefined) {
        const last = database.selectFrom("bases").select("name").where("fingerprint", "=", after);
        query = query.where((where) =>
          where.or([where("name", ">", last), where.and([where("name", "=", last), where("fingerprint", ">", after)])]),
        );
      }
      return (await query.execute()).map(baseSummaryOf);
    },
    variants: async (fingerprint, limit) => {
      const rows = await database
        .selectFrom("bases")
        .selectAll()
        .where("derived_from", "=", fingerprint)
        .orderBy("registered_at")
        .orderBy("fingerprint")
        .limit(limit)
        .execute();
      return rows.map(baseSummaryOf);
    },
    withFile: async (digest) => {
      const rows = await database
        .selectFrom("base_files")
        .innerJoin("bases", "bases.fingerprint", "base_files.base")
        .selectAll("bases")
        .select("base_files.name as file")
        .where("base_files.digest", "=", digest)
        .orderBy("bases.registered_at")
        .limit(100)
        .execute();
      return rows.map((row) => ({ ...baseSummaryOf(row), file: row.file }));
    },
  };
}

async function put(database: Kysely<Database>, base: StoredBase, entry?: AuditEntry): Promise<"created" | "exists" | "extended"> {
  return await transact(database, async (transaction) => {
    const created = await transaction
      .insertInto("bases")
      .values({
        fingerprint: base.fingerprint,
        name: base.name,
        revision: base.revision ?? null,
        family: base.family ?? null,
        tokenizer: base.tokenizer ?? null,
        source: base.source ?? null,
        license: base.license ?? null,
        layout: base.layout ?? null,
        derived_from: base.derivedFrom?.base ?? null,
        derivation: base.derivedFrom === undefined ? null : JSON.stringify(base.derivedFrom),
        matrix_count: base.matrices.length,
        registered_at: base.registeredAt,
        registered_by: base.registeredBy,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    const isNew = created.numInsertedOrUpdatedRows === 1n;
    const matrices = isNew ? base.matrices : [];
    for (let start = 0; start < matrices.length; start += BATCH) {
      const rows = matrices
        .slice(start, start + BATCH)
        .map((matrix, index) => ({ base: base.fingerprint, position: start + index, ...pick(matrix) }));
      await transaction.insertInto("base_matrices").values(rows).execute();
    }
    let added = 0n;
    for (const { name, digest, size } of base.files) {
      const result = await transaction
        .insertInto("base_files")
        .values({ base: base.fingerprint, digest, name, size })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      added += result.numInsertedOrUpdatedRows ?? 0n;
    }
    if (entry !== undefined && (isNew || added > 0n)) await appendAudit(transaction, entry);
    return isNew ? "created" : added > 0n ? "extended" : "exists";
  });
}

function pick({ module, digest, rows, columns, norm }: StoredMatrix) {
  return { module, digest, rows, columns, norm };
}

/** A row in the words of the interface. */
export function baseSummaryOf(row: Selectable<BaseTable>): StoredBaseSummary {
  return {
    name: row.name,
    ...optional("revision", row.revision),
    ...optional("family", row.family),
    ...optional("license", row.license),
    ...optional("layout", row.layout === null ? null : asDigest(row.layout)),
    ...optional("derivedFrom", row.derivation === null ? null : (JSON.parse(row.derivation) as StoredDerivation)),
    fingerprint: asDigest(row.fingerprint),
    matrixCount: row.matrix_count,
    registeredAt: row.registered_at,
    registeredBy: row.registered_by,
  };
}
