import { sql, type Kysely, type RawBuilder } from "kysely";
import { contains } from "../dialect.ts";
import type { Database } from "../schema.ts";

/** Where a word may stand, the weightiest first, and what it counts for there: whole, or as the beginning of a longer one. */
const WEIGHTS = [
  { column: "name_words", whole: 8, beginning: 5 },
  { column: "tag_words", whole: 4, beginning: 3 },
  { column: "base_words", whole: 2, beginning: 1 },
  { column: "description_words", whole: 2, beginning: 1 },
] as const;

/** How well an entry answers words, as SQL: for each word the weightiest place where it stands. */
export function scoreOf(database: Kysely<Database>, words: readonly string[]): RawBuilder<number> {
  const parts = words.map((word) => {
    const cases = WEIGHTS.flatMap(({ column, whole, beginning }) => [
      sql`when ${contains(database, column, ` ${word} `)} then ${sql.lit(whole)}`,
      sql`when ${contains(database, column, ` ${word}`)} then ${sql.lit(beginning)}`,
    ]);
    return sql`case ${sql.join(cases, sql` `)} else 0 end`;
  });
  return parts.length === 0 ? sql<number>`0` : sql<number>`(${sql.join(parts, sql` + `)})`;
}
