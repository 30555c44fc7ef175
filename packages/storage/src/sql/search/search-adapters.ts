import { sql, type Kysely, type RawBuilder } from "kysely";
import { SEARCH_FILTERS, type AdapterSearch, type FoundAdapter, type SearchFilter, type SearchPage } from "../../metadata/search-store.ts";
import { optional, SUMMARY_COLUMNS, summaryOf } from "../columns.ts";
import type { Expression } from "../full-text.ts";
import type { Database } from "../schema.ts";
import { allFacets, counted } from "./facets.ts";
import { scoreOf } from "./score.ts";
import { filterTerm } from "./search-terms.ts";
import { searchWindow, type WindowRow } from "./search-window.ts";
import { searchWords, WORDS } from "./search-words.ts";

/** Answers a search; `visible` is the condition on `search_entries` of what its asker may see. */
export async function searchAdapters(
  database: Kysely<Database>,
  { search, visible }: { readonly search: AdapterSearch; readonly visible: RawBuilder<boolean> },
): Promise<SearchPage> {
  const words = searchWords([search.text], WORDS.question);
  // Signs alone are no words: they are asked for, and nothing has them.
  if (words.length === 0 && search.text.trim() !== "") return { items: [], total: { count: 0, isMore: false } };
  const score = search.order === "relevance" ? scoreOf(database, words) : sql<number>`0`;
  const windowWithout = (left?: SearchFilter) =>
    searchWindow(database, {
      expression: expressionOf(words, search.filters, left),
      score,
      visible,
      order: search.order,
      withFacets: search.withFacets,
    });
  const matches = await windowWithout();
  const ordered = matches.rows.toSorted(ORDERS[search.order]);
  const start = search.after === undefined ? 0 : startAfter(ordered, search);
  const facets = search.withFacets
    ? await allFacets((filter) => (search.filters[filter] === undefined ? Promise.resolve(matches) : windowWithout(filter)))
    : undefined;
  return {
    items: await itemsOf(database, ordered.slice(start, start + search.limit)),
    total: counted(matches.rows.length, matches.isWhole),
    ...(facets === undefined ? {} : { facets }),
  };
}

function expressionOf(words: readonly string[], filters: AdapterSearch["filters"], left?: SearchFilter): Expression {
  // A single letter begins half of all words.
  const groups = words.map((text) => [{ text, isPrefix: text.length > 1 }]);
  const narrowed = SEARCH_FILTERS.flatMap((filter) => {
    const values = filter === left ? undefined : filters[filter];
    return values === undefined ? [] : [values.map((value) => ({ text: filterTerm(filter, value), isPrefix: false }))];
  });
  return [...groups, ...narrowed];
}

type Ordered = Pick<WindowRow, "name" | "score" | "downloads" | "published_at">;
type Compare = (one: Ordered, other: Ordered) => number;

const byName: Compare = (one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0);
const byDownloads: Compare = (one, other) => other.downloads - one.downloads;
const byDate: Compare = (one, other) => (one.published_at > other.published_at ? -1 : one.published_at < other.published_at ? 1 : 0);

/** Names tell apart what is equal otherwise, so that every page knows where the one before ended. */
const ORDERS: Readonly<Record<AdapterSearch["order"], Compare>> = {
  relevance: (one, other) => other.score - one.score || byDownloads(one, other) || byName(one, other),
  downloads: (one, other) => byDownloads(one, other) || byName(one, other),
  date: (one, other) => byDate(one, other) || byName(one, other),
};

/** A place is what the last one was ordered by; the one itself may have moved, or be gone. */
function placeOf({ score, downloads, published_at: publishedAt, name }: Ordered): string {
  return JSON.stringify([score, downloads, publishedAt, name]);
}

function startAfter(ordered: readonly Ordered[], { after = "", order }: AdapterSearch): number {
  const [score = 0, downloads = 0, publishedAt = "", name = ""] = readPlace(after);
  const last = { score: Number(score), downloads: Number(downloads), published_at: String(publishedAt), name: String(name) };
  const next = ordered.findIndex((row) => ORDERS[order](row, last) > 0);
  return next < 0 ? ordered.length : next;
}

function readPlace(after: string): unknown[] {
  try {
    const place: unknown = JSON.parse(after);
    return Array.isArray(place) ? place : [];
  } catch {
    return [];
  }
}

async function itemsOf(database: Kysely<Database>, rows: readonly WindowRow[]): Promise<FoundAdapter[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const entries = await database
    .selectFrom("search_entries")
    .innerJoin("versions", "versions.id", "search_entries.version_id")
    .select(SUMMARY_COLUMNS)
    .select(["search_entries.id", "base_name", "search_entries.rank", "license", "languages", "publisher", "downloads"])
    .where("search_entries.id", "in", ids)
    .execute();
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  return rows.flatMap((row) => {
    const entry = byId.get(row.id);
    if (entry === undefined) return [];
    return [
      {
        ...summaryOf(entry),
        baseName: entry.base_name,
        ...optional("rank", entry.rank),
        ...optional("license", entry.license),
        languages: JSON.parse(entry.languages) as string[],
        publisher: entry.publisher,
        downloads: entry.downloads,
        place: placeOf(row),
      },
    ];
  });
}
