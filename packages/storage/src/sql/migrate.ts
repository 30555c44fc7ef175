import { GraftError } from "@graft/error";
import { sql, type Kysely } from "kysely";
import { columnTypes, lock } from "./dialect.ts";
import type { Migration } from "./migration.ts";
import { MIGRATIONS } from "./migrations.ts";
import type { Database } from "./schema.ts";
import { transact } from "./transact.ts";

/**
 * Brings the schema up to date, forward only, in one transaction: of two processes that start at once, one does it. Steps that this program
 * does not know are fine when they are additions, so that servers are replaced one by one; else CONFLICT.
 */
export async function migrate(database: Kysely<Database>, steps: readonly Migration[] = MIGRATIONS): Promise<void> {
  await transact(database, async (transaction) => {
    await lock(transaction, "migrations");
    await sql`create table if not exists migrations (version integer primary key, name text not null, is_addition integer not null)`.execute(
      transaction,
    );
    const { rows: done } = await sql<{ version: number; is_addition: number }>`select version, is_addition from migrations`.execute(
      transaction,
    );
    const current = Math.max(0, ...done.map(({ version }) => version));
    if (done.some(({ version, is_addition: isAddition }) => version > steps.length && isAddition === 0)) {
      throw new GraftError("CONFLICT", `Cannot open the database: its schema is version ${current}, this program knows ${steps.length}`, {
        hint: "Run a newer Graft",
      });
    }
    for (const [index, migration] of steps.entries()) {
      if (index < current) continue;
      for (const statement of migration.statements(columnTypes(transaction))) await sql.raw(statement).execute(transaction);
      await migration.finish?.(transaction);
      await sql`insert into migrations (version, name, is_addition) values (${index + 1}, ${migration.name}, ${migration.isAddition === true ? 1 : 0})`.execute(
        transaction,
      );
    }
  });
}
