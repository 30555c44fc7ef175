import { SEARCH_COUNTED, SEARCH_FILTERS, type SearchCount, type SearchFacet, type SearchFilter } from "../../metadata/search-store.ts";

/** Values of one filter that are listed. */
const LISTED = 20;

/** What facets are counted over. */
export interface FacetRow {
  readonly task: string;
  readonly base: string;
  readonly base_name: string;
  readonly method: string;
  readonly rank: number | null;
  readonly license: string | null;
  readonly languages: string;
  readonly publisher: string;
}

/** Matches that were looked at, and whether those were all. */
export interface Matches<Row> {
  readonly rows: readonly Row[];
  readonly isWhole: boolean;
}

const VALUES: Readonly<Record<SearchFilter, (row: FacetRow) => readonly string[]>> = {
  task: ({ task }) => [task],
  base: ({ base }) => [base],
  method: ({ method }) => [method],
  rank: ({ rank }) => (rank === null ? [] : [String(rank)]),
  license: ({ license }) => (license === null ? [] : [license]),
  language: ({ languages }) => JSON.parse(languages) as string[],
  publisher: ({ publisher }) => [publisher],
};

/** A count that stops at a thousand; more than were looked at is more too. */
export function counted(count: number, isWhole: boolean): SearchCount {
  return count > SEARCH_COUNTED || !isWhole ? { count: Math.min(count, SEARCH_COUNTED), isMore: true } : { count, isMore: false };
}

/** Values of one filter among matches, the most frequent first. */
function facetsOf(filter: SearchFilter, { rows, isWhole }: Matches<FacetRow>): SearchFacet[] {
  const counts = new Map<string, { count: number; label?: string }>();
  for (const row of rows) {
    for (const value of VALUES[filter](row)) {
      const known = counts.get(value);
      if (known !== undefined) known.count += 1;
      else counts.set(value, { count: 1, ...(filter === "base" ? { label: row.base_name } : {}) });
    }
  }
  return [...counts]
    .toSorted(([one, { count: left }], [other, { count: right }]) => right - left || (one < other ? -1 : 1))
    .slice(0, LISTED)
    .map(([value, { count, ...label }]) => ({ value, ...label, ...counted(count, isWhole) }));
}

/** Every filter's facets, each over the matches that its own values do not narrow. */
export async function allFacets(
  matchesWithout: (filter: SearchFilter) => Promise<Matches<FacetRow>>,
): Promise<Record<SearchFilter, SearchFacet[]>> {
  const entries: [SearchFilter, SearchFacet[]][] = [];
  for (const filter of SEARCH_FILTERS) entries.push([filter, facetsOf(filter, await matchesWithout(filter))]);
  return Object.fromEntries(entries) as Record<SearchFilter, SearchFacet[]>;
}
