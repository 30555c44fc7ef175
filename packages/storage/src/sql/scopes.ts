import { GraftError } from "@graft/error";
import { sql, type Kysely, type Selectable, type Transaction } from "kysely";
import type { AuditEntry } from "../metadata/audit-store.ts";
import type { ScopeStore, StoredScope } from "../metadata/scope-store.ts";
import { appendAudit } from "./audit.ts";
import { optional } from "./columns.ts";
import { lock, textList } from "./dialect.ts";
import { insertScope } from "./charge-scope.ts";
import { assertThere, changeGrants, grantsOf, putGrant, rolesOf } from "./grants.ts";
import { refreshAdapter } from "./refresh-adapter.ts";
import type { Database } from "./schema.ts";
import type { ScopeTable } from "./tables/access.ts";
import { transact } from "./transact.ts";

/** Scopes and roles in SQL. */
export function sqlScopes(database: Kysely<Database>): ScopeStore {
  /** A change, and the entry that tells of it, in one transaction. */
  const change = (entry: AuditEntry, work: (transaction: Transaction<Database>) => Promise<void>) =>
    transact(database, async (transaction) => {
      await work(transaction);
      await appendAudit(transaction, entry);
    });
  return {
    create: (scope, entry) => change(entry, (transaction) => create(transaction, scope)),
    get: async (name) => {
      const row = await database.selectFrom("scopes").selectAll().where("name", "=", name).executeTakeFirst();
      return row && scopeOf(row);
    },
    list: async ({ limit, after, user }) => {
      let query = database.selectFrom("scopes").selectAll().orderBy("name").limit(limit);
      if (after !== undefined) query = query.where("name", ">", after);
      if (user !== undefined) query = query.where(sql<boolean>`name in ${textList(database, Object.keys(await rolesOf(database, user)))}`);
      return (await query.execute()).map(scopeOf);
    },
    grants: (name) => grantsOf(database, name),
    grant: (scope, { grant, entry }) =>
      change(entry, (transaction) => changeGrants(transaction, scope, () => putGrant(transaction, { scope, grant }))),
    revoke: (scope, { holder, entry }) =>
      change(entry, (transaction) =>
        changeGrants(transaction, scope, async () => {
          const { numDeletedRows } = await transaction
            .deleteFrom("grants")
            .where("scope", "=", scope)
            .where("kind", "=", holder.kind)
            .where("holder", "=", holder.name)
            .executeTakeFirst();
          if (numDeletedRows === 0n)
            throw new GraftError("NOT_FOUND", `Cannot take the role from the ${holder.kind} "${holder.name}": it has none in @${scope}`);
        }),
      ),
    transfer: (scope, { to, entry }) =>
      change(entry, (transaction) =>
        changeGrants(transaction, scope, async () => {
          await transaction.deleteFrom("grants").where("scope", "=", scope).where("role", "=", "owner").execute();
          await putGrant(transaction, { scope, grant: { ...to, role: "owner" } });
          // Workflows that the former owners trusted are not the new owner's.
          const prefix = `@${scope}/`;
          await transaction
            .deleteFrom("publishers")
            .where(sql<boolean>`substr(name, 1, ${sql.lit(prefix.length)}) = ${prefix}`)
            .execute();
        }),
      ),
    setQuota: (scope, { quota, entry }) =>
      change(entry, async (transaction) => {
        await assertThere(transaction, { table: "scopes", name: scope, what: "scope" });
        const row = { quota_bytes: quota.bytes ?? null, quota_versions: quota.versions ?? null };
        await transaction.updateTable("scopes").set(row).where("name", "=", scope).execute();
      }),
    rolesOf: (user) => rolesOf(database, user),
    setVisibility: (adapter, { visibility, entry }) =>
      change(entry, async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable("adapters")
          .set({ visibility })
          .where("name", "=", adapter)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) throw new GraftError("NOT_FOUND", `Cannot find ${adapter}: there is no such adapter`);
        await refreshAdapter(transaction, adapter);
      }),
  };
}

async function create(
  transaction: Transaction<Database>,
  { name, createdAt, createdBy, owner, most }: Parameters<ScopeStore["create"]>[0],
): Promise<void> {
  await insertScope(transaction, { name, createdAt, createdBy });
  if (owner === undefined) return;
  await lock(transaction, `owner ${owner.kind} ${owner.name}`);
  const owned = await transaction
    .selectFrom("grants")
    .select("scope")
    .where("kind", "=", owner.kind)
    .where("holder", "=", owner.name)
    .where("role", "=", "owner")
    .execute();
  if (most !== undefined && owned.length >= most) {
    throw new GraftError(
      "LIMIT_EXCEEDED",
      `Cannot create the scope @${name}: "${owner.name}" owns ${owned.length} already, want at most ${most}`,
      {
        hint: "Ask whoever runs the registry to create it",
      },
    );
  }
  await putGrant(transaction, { scope: name, grant: { ...owner, role: "owner" } });
}

function scopeOf(row: Selectable<ScopeTable>): StoredScope {
  return {
    name: row.name,
    createdAt: row.created_at,
    createdBy: row.created_by,
    quota: {
      ...optional("bytes", row.quota_bytes === null ? null : Number(row.quota_bytes)),
      ...optional("versions", row.quota_versions === null ? null : Number(row.quota_versions)),
    },
    bytes: Number(row.bytes),
    versions: Number(row.versions),
  };
}
