import { sql, type RawBuilder } from "kysely";

/** What a word counts for in each column: whole, or as the beginning of a longer one. */
const WEIGHTS = [
  { column: "name_words", whole: 8, beginning: 5 },
  { column: "tag_words", whole: 4, beginning: 3 },
  { column: "base_words", whole: 2, beginning: 1 },
  { column: "description_words", whole: 2, beginning: 1 },
] as const;

/** How well an entry answers words, as SQL that both databases run: the sum over words and columns. */
export function scoreOf(words: readonly string[]): RawBuilder<number> {
  const parts = words.flatMap((word) =>
    WEIGHTS.map(({ column, whole, beginning }) => {
      const place = sql.ref(column);
      return sql`case when ${place} like ${`% ${word} %`} then ${sql.lit(whole)} when ${place} like ${`% ${word}%`} then ${sql.lit(beginning)} else 0 end`;
    }),
  );
  return parts.length === 0 ? sql<number>`0` : sql<number>`(${sql.join(parts, sql` + `)})`;
}
