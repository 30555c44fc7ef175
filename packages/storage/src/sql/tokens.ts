import type { Kysely, Selectable } from "kysely";
import type { StoredToken, TokenStore } from "../metadata/token-store.ts";
import { appendAudit } from "./audit.ts";
import { optional } from "./columns.ts";
import type { Database } from "./schema.ts";
import type { TokenTable } from "./tables/tokens.ts";
import { transact } from "./transact.ts";

/** Tokens in SQL. They are looked up by hash through an index, so no secret is ever compared as text. */
export function sqlTokens(database: Kysely<Database>): TokenStore {
  return {
    insert: async ({ id, hash, label, names, actions, user, addresses, createdAt, expiresAt }, entry) => {
      const row = {
        id,
        hash,
        label,
        names: JSON.stringify(names),
        actions: JSON.stringify(actions),
        created_at: createdAt,
        expires_at: expiresAt ?? null,
        user_name: user ?? null,
        addresses: addresses === undefined ? null : JSON.stringify(addresses),
        used_at: null,
      };
      await transact(database, async (transaction) => {
        await transaction
          .insertInto("tokens")
          .values(row)
          .onConflict((conflict) => conflict.column("hash").doNothing())
          .execute();
        if (entry !== undefined) await appendAudit(transaction, entry);
      });
    },
    withHash: async (hash) => {
      const row = await database.selectFrom("tokens").selectAll().where("hash", "=", hash).executeTakeFirst();
      return row && tokenOf(row);
    },
    get: async (id) => {
      const row = await database.selectFrom("tokens").selectAll().where("id", "=", id).executeTakeFirst();
      return row && tokenOf(row);
    },
    list: async ({ limit, after, user }) => {
      let query = database.selectFrom("tokens").selectAll().orderBy("created_at").orderBy("id").limit(limit);
      if (user !== undefined) query = query.where("user_name", "=", user);
      if (after !== undefined) {
        const last = database.selectFrom("tokens").select("created_at").where("id", "=", after);
        query = query.where((where) =>
          where.or([where("created_at", ">", last), where.and([where("created_at", "=", last), where("id", ">", after)])]),
        );
      }
      return (await query.execute()).map(tokenOf);
    },
    delete: (id, entry) =>
      transact(database, async (transaction) => {
        const { numDeletedRows } = await transaction.deleteFrom("tokens").where("id", "=", id).executeTakeFirst();
        if (numDeletedRows > 0n && entry !== undefined) await appendAudit(transaction, entry);
        return numDeletedRows > 0n;
      }),
    used: (times) =>
      transact(database, async (transaction) => {
        for (const [id, at] of times) await transaction.updateTable("tokens").set({ used_at: at }).where("id", "=", id).execute();
      }),
    count: async () =>
      Number(
        (
          await database
            .selectFrom("tokens")
            .select((select) => select.fn.countAll<number>().as("count"))
            .executeTakeFirstOrThrow()
        ).count,
      ),
  };
}

function tokenOf(row: Selectable<TokenTable>): StoredToken {
  return {
    id: row.id,
    hash: row.hash,
    label: row.label,
    names: JSON.parse(row.names) as string[],
    actions: JSON.parse(row.actions) as string[],
    ...optional("user", row.user_name),
    ...optional("addresses", row.addresses === null ? null : (JSON.parse(row.addresses) as string[])),
    createdAt: row.created_at,
    ...optional("expiresAt", row.expires_at),
    ...optional("usedAt", row.used_at),
  };
}
