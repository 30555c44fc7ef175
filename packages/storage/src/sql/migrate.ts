import { GraftError } from "@graft/error";
import { sql, type Kysely } from "kysely";
import { columnTypes, lock } from "./dialect.ts";
import { MIGRATIONS } from "./migrations.ts";
import type { Database } from "./schema.ts";
import { transact } from "./transact.ts";

/** Brings the schema up to date, forward only, in one transaction: of two processes that start at once, one does it. CONFLICT for a schema that is newer than this program. */
export async function migrate(database: Kysely<Database>): Promise<void> {
  await transact(database, async (transaction) => {
    await lock(transaction, "migrations");
    await sql`create table if not exists migrations (version integer primary key, name text not null)`.execute(transaction);
    const { rows } = await sql<{ version: number | null }>`select max(version) as version from migrations`.execute(transaction);
    const current = rows[0]?.version ?? 0;
    if (current > MIGRATIONS.length) {
      throw new GraftError(
        "CONFLICT",
        `Cannot open the database: its schema is version ${current}, this program knows ${MIGRATIONS.length}`,
        { hint: "Run a newer Graft" },
      );
    }
    for (const [index, migration] of MIGRATIONS.entries()) {
      if (index < current) continue;
      for (const statement of migration.statements(columnTypes(transaction))) await sql.raw(statement).execute(transaction);
      await sql`insert into migrations (version, name) values (${index + 1}, ${migration.name})`.execute(transaction);
    }
  });
}
