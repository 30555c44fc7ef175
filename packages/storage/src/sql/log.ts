import { GraftError } from "@graft/error";
import type { Kysely, Selectable } from "kysely";
import type { LogStore, StoredKey, StoredLogEntry } from "../metadata/log-store.ts";
import { appendLog } from "./append-log.ts";
import { optional } from "./columns.ts";
import type { Database } from "./schema.ts";
import type { LogTables, SigningKeyTable } from "./tables/log.ts";
import { transact } from "./transact.ts";

/** The log of changes in SQL. */
export function sqlLog(database: Kysely<Database>): LogStore {
  return {
    size: async () => Number((await database.selectFrom("log_state").select("size").executeTakeFirstOrThrow()).size),
    entries: async ({ begin, end }) => {
      const query = database.selectFrom("log_entries").selectAll().where("position", ">=", begin).where("position", "<", end);
      return (await query.orderBy("position").execute()).map(entryOf);
    },
    published: async (name, version) => {
      const query = database.selectFrom("log_entries").selectAll().where("name", "=", name).where("version", "=", version);
      const row = await query.where("kind", "=", "publish").orderBy("position").limit(1).executeTakeFirst();
      return row && entryOf(row);
    },
    roots: async (level, { begin, end }) => {
      const query = database.selectFrom("log_roots").selectAll().where("level", "=", level).where("position", ">=", begin);
      const rows = await query.where("position", "<", end).orderBy("position").execute();
      // Those before the first that was not kept.
      return rows.filter((row, index) => Number(row.position) === begin + index).map(({ root }) => root);
    },
    keepRoots: async (level, roots) => {
      if (roots.length === 0) return;
      await database
        .insertInto("log_roots")
        .values(roots.map(({ index, root }) => ({ level, position: index, root })))
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    keys: async () => (await database.selectFrom("signing_keys").selectAll().orderBy("number").execute()).map(keyOf),
    adoptKey: ({ id, key, createdAt }) =>
      transact(database, async (transaction) => {
        const state = await transaction
          .updateTable("log_state")
          .set((update) => ({ key: update.fn.coalesce("key", update.val(id)) }))
          .where("id", "=", 1)
          .returning("key")
          .executeTakeFirstOrThrow();
        if (state.key !== id) return;
        await transaction
          .insertInto("signing_keys")
          .values({ number: 1, id, key, created_at: createdAt, rotation: null })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }),
    rotateKey: ({ id, key, createdAt }, { previous, sign }) =>
      transact(database, async (transaction) => {
        const facts = { id, key };
        const state = await transaction
          .updateTable("log_state")
          .set({ key: id })
          .where("id", "=", 1)
          .where("key", "=", previous)
          .returning("size")
          .executeTakeFirst();
        if (state === undefined)
          throw new GraftError("CONFLICT", `Cannot change the key: the registry does not sign with ${previous} now`, {
            hint: "Somebody changed it already",
          });
        const { count } = await transaction
          .selectFrom("signing_keys")
          .select((select) => select.fn.countAll<number>().as("count"))
          .executeTakeFirstOrThrow();
        const number = Number(count) + 1;
        const rotation = await sign({ number, size: Number(state.size) });
        await transaction
          .insertInto("signing_keys")
          .values({ ...facts, number, created_at: createdAt, rotation: JSON.stringify(rotation) })
          .execute();
        await appendLog(transaction, [{ kind: "key", time: createdAt, facts: { rotation } }]);
      }),
  };
}

function entryOf({ position, text, salt }: Selectable<LogTables["log_entries"]>): StoredLogEntry {
  return { position: Number(position), text, ...optional("salt", salt) };
}

function keyOf({ number, id, key, created_at, rotation }: Selectable<SigningKeyTable>): StoredKey {
  return { number, id, key, createdAt: created_at, ...optional("rotation", rotation) };
}
