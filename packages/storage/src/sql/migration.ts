import type { Kysely } from "kysely";
import type { ColumnTypes } from "./dialect.ts";
import type { Database } from "./schema.ts";

/** One step of the schema. Steps are never changed once released; a correction is a new step. */
export interface Migration {
  readonly name: string;
  /** It only adds: a program that does not know it yet may go on beside one that does. */
  readonly isAddition?: boolean;
  /** SQL that both databases understand, one statement each. */
  statements(types: ColumnTypes): readonly string[];
  /** What SQL alone cannot say of the rows that are there, after the statements. */
  finish?(transaction: Kysely<Database>): Promise<void>;
}
