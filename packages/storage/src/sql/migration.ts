import type { ColumnTypes } from "./dialect.ts";

/** One step of the schema. Steps are never changed once released; a correction is a new step. */
export interface Migration {
  readonly name: string;
  /** It only adds: a program that does not know it yet may go on beside one that does. */
  readonly isAddition?: boolean;
  /** SQL that both databases understand, one statement each. */
  statements(types: ColumnTypes): readonly string[];
}
