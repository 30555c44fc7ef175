import type { Kysely, Transaction } from "kysely";
import type { Database } from "./schema.ts";

/** Everything that writes more than one row goes through here: all of it happens, or nothing. */
export async function transact<Result>(
  database: Kysely<Database>,
  work: (transaction: Transaction<Database>) => Promise<Result>,
): Promise<Result> {
  return await database.transaction().execute(work);
}
