import type { ColumnTypes } from "./dialect.ts";

/** One step of the schema. Steps are never changed once released; a correction is a new step. */
export interface Migration {
  readonly name: string;
  /** SQL that both databases understand, one statement each. */
  statements(types: ColumnTypes): readonly string[];
}
