import { CompiledQuery, Kysely } from "kysely";
import { postgresDialect } from "./postgres/postgres-driver.ts";
import { openPostgresPool } from "./postgres/postgres-pool.ts";
import { isPostgres } from "./sql/dialect.ts";
import { migrate } from "./sql/migrate.ts";
import { refreshAllAdapters } from "./sql/refresh-adapter.ts";
import type { Database } from "./sql/schema.ts";
import { transact } from "./sql/transact.ts";
import { openSqliteDatabase } from "./sqlite/sqlite-database.ts";
import { sqliteDialect } from "./sqlite/sqlite-dialect.ts";

/** SQL as it stands, for measurements that fill a database; a registry never has one. */
export interface SqlConnection {
  readonly isPostgres: boolean;
  /** One statement; parameters are `$1`, `$2`, …, each used once and in order. */
  run(statement: string, parameters?: readonly unknown[]): Promise<readonly unknown[]>;
  /** Works out anew what is derived of adapters: fits and the search index. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** A connection to the database of a registry, a `postgres://` address or an SQLite file, its schema up to date. */
export async function openSqlConnection(address: string): Promise<SqlConnection> {
  const dialect = /^postgres(?:ql)?:/.test(address)
    ? postgresDialect(openPostgresPool(address, { connections: 1, connectMilliseconds: 5_000, statementMilliseconds: 0 }))
    : sqliteDialect(openSqliteDatabase(address));
  const database = new Kysely<Database>({ dialect });
  await migrate(database);
  const postgres = isPostgres(database);
  return {
    isPostgres: postgres,
    run: async (statement, parameters = []) =>
      (await database.executeQuery(CompiledQuery.raw(postgres ? statement : statement.replaceAll(/\$\d+/g, "?"), [...parameters]))).rows,
    refresh: () => transact(database, refreshAllAdapters),
    close: () => database.destroy(),
  };
}
