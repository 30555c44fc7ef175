import { setTimeout } from "node:timers/promises";
import type { Kysely, Transaction } from "kysely";
import type { Database } from "./schema.ts";
import { isUndone } from "./undone.ts";

/** Runs of one transaction, the first included. */
const ATTEMPTS = 6;

/**
 * Everything that writes more than one row goes through here: all of it happens, or nothing. What the database undid (two wrote the
 * same at once, the connection was lost before the commit) runs again, so `work` changes nothing but the database.
 */
export async function transact<Result>(
  database: Kysely<Database>,
  work: (transaction: Transaction<Database>) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await database.transaction().execute(work);
    } catch (cause) {
      if (attempt === ATTEMPTS || !isUndone(cause)) throw cause;
    }
    await setTimeout(2 ** attempt * 5 * Math.random());
  }
}
