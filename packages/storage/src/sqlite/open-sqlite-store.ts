import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { fileError } from "@graft/files";
import { Kysely } from "kysely";
import type { MetadataStore } from "../metadata/metadata-store.ts";
import { migrate } from "../sql/migrate.ts";
import type { Database } from "../sql/schema.ts";
import { sqlMetadataStore } from "../sql/sql-metadata-store.ts";
import { SearchThread } from "./search-thread.ts";
import { openSqliteDatabase } from "./sqlite-database.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";
import { sqliteError } from "./sqlite-error.ts";

/**
 * A metadata store in one SQLite file, or ":memory:". Several processes may share the file on one machine. What it acknowledged survives a
 * power cut. SQLite answers on the thread that asks, so searches of a file have a thread of their own.
 */
export async function openSqliteStore(path: string): Promise<MetadataStore> {
  const isFile = path !== ":memory:";
  if (isFile) {
    await stat(dirname(path)).catch((cause: unknown) => {
      throw fileError(cause, `open the database "${path}"`);
    });
  }
  try {
    const database = openSqliteDatabase(path);
    try {
      const kysely = new Kysely<Database>({ dialect: sqliteDialect(database) });
      await migrate(kysely);
      if (!isFile) return sqlMetadataStore(kysely);
      const thread = new SearchThread(path);
      const store = sqlMetadataStore(kysely, { search: (question) => thread.ask(question) });
      return {
        ...store,
        close: async () => {
          await thread.close();
          await store.close();
        },
      };
    } catch (cause) {
      database.close();
      throw cause;
    }
  } catch (cause) {
    throw sqliteError(cause);
  }
}
