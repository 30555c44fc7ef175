import { sql, type Kysely, type RawBuilder } from "kysely";
import { SEARCH_WINDOW, type SearchOrder } from "../../metadata/search-store.ts";
import { countMatches, matching, type Expression, type Lexeme } from "../full-text.ts";
import type { Database } from "../schema.ts";
import type { FacetRow, Matches } from "./facets.ts";
import { popularityTerm, POPULARITY_SLICES, weekOf, weekSlices, weekTerm } from "./search-terms.ts";

/** A match with what it is ordered by; what facets count is there only when it was asked for. */
export interface WindowRow extends FacetRow {
  readonly id: number;
  readonly name: string;
  readonly downloads: number;
  readonly published_at: string;
  readonly score: number;
}

/** What is asked of the entries. */
export interface WindowQuery {
  readonly expression: Expression;
  readonly score: RawBuilder<number>;
  /** Who may see what, as a condition on `search_entries`. */
  readonly visible: RawBuilder<boolean>;
  readonly order: SearchOrder;
  readonly withFacets: boolean;
}

/**
 * All matches, or where there are too many of them the most downloaded (to the nearest power of two) or the newest. The index gives
 * matches in no useful order, so each popularity and each week is a lexeme, and one slice after another is asked for until the window is
 * full: a frequent word costs no more than a rare one.
 */
export async function searchWindow(database: Kysely<Database>, query: WindowQuery): Promise<Matches<WindowRow>> {
  const isFew = (await countMatches(database, query.expression, SEARCH_WINDOW + 1)) <= SEARCH_WINDOW;
  if (isFew) return { rows: await select(database, query, { limit: SEARCH_WINDOW }), isWhole: true };
  const byDate = query.order === "date";
  const slices = byDate ? await weeksOf(database) : POPULARITY_SLICES.map((slice) => slice.map(popularityTerm));
  const rows: WindowRow[] = [];
  for (const slice of slices) {
    const group: Lexeme[] = slice.map((text) => ({ text, isPrefix: false }));
    const expression = [...query.expression, group];
    rows.push(...(await select(database, { ...query, expression }, { limit: SEARCH_WINDOW - rows.length, newestFirst: byDate })));
    if (rows.length >= SEARCH_WINDOW) break;
  }
  return { rows, isWhole: rows.length < SEARCH_WINDOW };
}

const FACET_COLUMNS = sql`, task, base, base_name, method, search_entries.rank as rank, license, languages, publisher`;

async function select(
  database: Kysely<Database>,
  { expression, score, visible, withFacets }: WindowQuery,
  { limit, newestFirst = false }: { limit: number; newestFirst?: boolean },
): Promise<WindowRow[]> {
  const { from, where } = matching(database, expression);
  const order = newestFirst ? sql`order by published_at desc` : sql``;
  const { rows } = await sql<WindowRow>`
    select id, name, downloads, published_at, ${score} as score ${withFacets ? FACET_COLUMNS : sql``}
    from ${from} where ${where} and ${visible} ${order} limit ${limit}`.execute(database);
  return rows;
}

/** All weeks in which something was published, as slices. */
async function weeksOf(database: Kysely<Database>): Promise<string[][]> {
  const bounds = database
    .selectFrom("search_entries")
    .select((entry) => [entry.fn.max("published_at").as("newest"), entry.fn.min("published_at").as("oldest")]);
  const { newest, oldest } = await bounds.executeTakeFirstOrThrow();
  return newest === null || oldest === null ? [] : weekSlices(weekOf(newest), weekOf(oldest)).map((slice) => slice.map(weekTerm));
}
