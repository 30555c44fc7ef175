import { GraftError } from "@graft/error";
import SqliteDatabase from "better-sqlite3";

/** The first SQLite without the bug that could corrupt a write-ahead log while it is reset (3.52.0 was withdrawn). */
const FIRST_SOUND_SQLITE = [3, 51, 3];

/** How long opening waits for another process that opens, in milliseconds. */
const OPEN_TIMEOUT = 10_000;

/** Pages kept in memory, in KiB, and bytes that are read through the page cache of the system. */
const CACHE_KIB = 16_384;
const MAPPED_BYTES = 2 ** 30;

/** A connection of this process. */
export type SqliteConnection = SqliteDatabase.Database;

/** Opens a file, or ":memory:". What a writing connection acknowledged survives a power cut. */
export function openSqliteDatabase(path: string, { isReadOnly = false } = {}): SqliteConnection {
  const database = new SqliteDatabase(path, { timeout: OPEN_TIMEOUT, readonly: isReadOnly });
  try {
    assertSound(database);
    if (!isReadOnly) {
      database.pragma("journal_mode = WAL");
      // NORMAL, the usual companion of WAL, loses acknowledged commits in a power cut.
      database.pragma("synchronous = FULL");
      database.pragma("foreign_keys = ON");
    }
    database.pragma(`cache_size = -${CACHE_KIB}`);
    database.pragma(`mmap_size = ${MAPPED_BYTES}`);
    // From here on the dialect waits, and the event loop goes on.
    database.pragma("busy_timeout = 0");
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}

function assertSound(database: SqliteConnection): void {
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
