import type { Kysely, Selectable } from "kysely";
import type { StoredToken, TokenStore } from "../metadata/token-store.ts";
import { optional } from "./columns.ts";
import type { Database } from "./schema.ts";
import type { TokenTable } from "./tables/tokens.ts";

/** Tokens in SQL. They are looked up by hash through an index, so no secret is ever compared as text. */
export function sqlTokens(database: Kysely<Database>): TokenStore {
  return {
    insert: async ({ id, hash, label, names, actions, createdAt, expiresAt }) => {
      const row = {
        id,
        hash,
        label,
        names: JSON.stringify(names),
        actions: JSON.stringify(actions),
        created_at: createdAt,
        expires_at: expiresAt ?? null,
      };
      await database
        .insertInto("tokens")
        .values(row)
        .onConflict((conflict) => conflict.column("hash").doNothing())
        .execute();
    },
    withHash: async (hash) => {
      const row = await database.selectFrom("tokens").selectAll().where("hash", "=", hash).executeTakeFirst();
      return row && tokenOf(row);
    },
    list: async ({ limit, after }) => {
      let query = database.selectFrom("tokens").selectAll().orderBy("created_at").orderBy("id").limit(limit);
      if (after !== undefined) {
        const last = database.selectFrom("tokens").select("created_at").where("id", "=", after);
        query = query.where((where) =>
          where.or([where("created_at", ">", last), where.and([where("created_at", "=", last), where("id", ">", after)])]),
        );
      }
      return (await query.execute()).map(tokenOf);
    },
    delete: async (id) => (await database.deleteFrom("tokens").where("id", "=", id).executeTakeFirst()).numDeletedRows > 0n,
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
    createdAt: row.created_at,
    ...optional("expiresAt", row.expires_at),
  };
}
