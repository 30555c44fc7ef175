import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { GraftError } from "@graft/error";
import { fileError } from "@graft/files";
import SqliteDatabase from "better-sqlite3";
import { Kysely } from "kysely";
import type { MetadataStore } from "../metadata/metadata-store.ts";
import { migrate } from "../sql/migrate.ts";
import type { Database } from "../sql/schema.ts";
import { sqlMetadataStore } from "../sql/sql-metadata-store.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";
import { sqliteError } from "./sqlite-error.ts";

/** The first SQLite without the bug that could corrupt a write-ahead log while it is reset (3.52.0 was withdrawn). */
const FIRST_SOUND_SQLITE = [3, 51, 3];

/** How long opening waits for another process that opens, in milliseconds. */
const OPEN_TIMEOUT = 10_000;

/** A metadata store in one SQLite file, or ":memory:". Several processes may share the file on one machine. What it acknowledged survives a power cut. */
export async function openSqliteStore(path: string): Promise<MetadataStore> {
  if (path !== ":memory:") {
    await stat(dirname(path)).catch((cause: unknown) => {
      throw fileError(cause, `open the database "${path}"`);
    });
  }
  try {
    const database = new SqliteDatabase(path, { timeout: OPEN_TIMEOUT });
    try {
      assertSound(database);
      database.pragma("journal_mode = WAL");
      // NORMAL, the usual companion of WAL, loses acknowledged commits in a power cut.
      database.pragma("synchronous = FULL");
      database.pragma("foreign_keys = ON");
      // From here on the dialect waits, and the event loop goes on.
      database.pragma("busy_timeout = 0");
      const kysely = new Kysely<Database>({ dialect: sqliteDialect(database) });
      await migrate(kysely);
      return sqlMetadataStore(kysely);
    } catch (cause) {
      database.close();
      throw cause;
    }
  } catch (cause) {
    throw sqliteError(cause);
  }
}

function assertSound(database: SqliteDatabase.Database): void {
  const version = String(database.prepare("select sqlite_version()").pluck().get());
  const parts = version.split(".").map(Number);
  const difference = FIRST_SOUND_SQLITE.map((wanted, index) => (parts[index] ?? 0) - wanted).find((delta) => delta !== 0) ?? 0;
  if (difference < 0) {
    throw new GraftError(
      "INTERNAL",
      `Cannot open the database: SQLite ${version} can corrupt its write-ahead log, want ${FIRST_SOUND_SQLITE.join(".")} or newer`,
      { hint: "Install the better-sqlite3 that Graft names" },
    );
  }
}
