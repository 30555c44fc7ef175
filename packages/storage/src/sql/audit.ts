import type { Kysely, Selectable } from "kysely";
import type { AuditEntry, AuditStore, StoredAuditEntry } from "../metadata/audit-store.ts";
import { optional } from "./columns.ts";
import type { Database } from "./schema.ts";
import type { AuditTable } from "./tables/access.ts";

/** The log of changes in SQL. */
export function sqlAudit(database: Kysely<Database>): AuditStore {
  return {
    append: (entry) => appendAudit(database, entry),
    list: async ({ limit, after, scope }) => {
      let query = database.selectFrom("audit").selectAll().orderBy("id", "desc").limit(limit);
      if (scope !== undefined) query = query.where("scope", "=", scope);
      if (after !== undefined) query = query.where("id", "<", Number(after));
      return (await query.execute()).map(entryOf);
    },
  };
}

/** Writes an entry in the transaction of the change that it tells of: neither is there without the other. */
export async function appendAudit(transaction: Kysely<Database>, entry: AuditEntry): Promise<void> {
  const { at, actor, action, subject, scope = null, address = null, detail } = entry;
  await transaction
    .insertInto("audit")
    .values({ at, actor, action, subject, scope, address, detail: detail === undefined ? null : JSON.stringify(detail) })
    .execute();
}

function entryOf(row: Selectable<AuditTable>): StoredAuditEntry {
  return {
    id: Number(row.id),
    at: row.at,
    actor: row.actor,
    action: row.action,
    subject: row.subject,
    ...optional("scope", row.scope),
    ...optional("address", row.address),
    ...optional("detail", row.detail === null ? null : (JSON.parse(row.detail) as Record<string, unknown>)),
  };
}
