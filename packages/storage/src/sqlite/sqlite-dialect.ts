import { setTimeout } from "node:timers/promises";
import { CompiledQuery, SqliteDialect, SqliteDriver, type DatabaseConnection, type Driver } from "kysely";
import type { SqliteConnection } from "./sqlite-database.ts";
import { sqliteError } from "./sqlite-error.ts";

/** How long a writer waits for others. */
const BUSY_MILLISECONDS = 10_000;

/** Kysely's dialect, but transactions take the write lock when they begin: one that began as a reader fails at its first write when two processes write. */
export function sqliteDialect(database: SqliteConnection): SqliteDialect {
  return new ImmediateDialect(database);
}

class ImmediateDialect extends SqliteDialect {
  readonly #database: SqliteConnection;
  constructor(database: SqliteConnection) {
    super({ database });
    this.#database = database;
  }
  override createDriver(): Driver {
    return new ImmediateDriver(this.#database);
  }
}

class ImmediateDriver extends SqliteDriver {
  readonly #database: SqliteConnection;
  constructor(database: SqliteConnection) {
    super({ database });
    this.#database = database;
  }
  override async acquireConnection(): Promise<DatabaseConnection> {
    return patient(await super.acquireConnection(), this.#database);
  }
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // A full disk rolls back by itself, and a second time would hide the reason.
    if (this.#database.inTransaction) await super.rollbackTransaction(connection);
  }
}

/** A connection that waits for other writers without holding up the event loop (SQLite's own waiting would), and whose errors say what to do. */
function patient(connection: DatabaseConnection, database: SqliteConnection): DatabaseConnection {
  return {
    executeQuery: async (query, options) => {
      const deadline = performance.now() + BUSY_MILLISECONDS;
      for (let wait = 1; ; wait = Math.min(wait * 2, 32)) {
        try {
          return await connection.executeQuery(query, options);
        } catch (cause) {
          // Inside a transaction the lock is ours already.
          if (database.inTransaction || !isBusy(cause) || performance.now() > deadline) throw sqliteError(cause);
        }
        await setTimeout(wait * (0.5 + Math.random()));
      }
    },
    streamQuery: (query, chunkSize, options) => connection.streamQuery(query, chunkSize, options),
  };
}

function isBusy(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && String(cause.code).startsWith("SQLITE_BUSY");
}
