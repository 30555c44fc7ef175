import { GraftError } from "@graft/error";
import { SearchFilters, SearchQuery, type SearchFilterName, type SearchOrder } from "@graft/protocol";

/** A search as it stands in an address: what a person shares when they share the page. */
export interface SearchState {
  readonly q: string;
  readonly filters: Readonly<Partial<Record<SearchFilterName, readonly string[]>>>;
  readonly order: SearchOrder;
  readonly cursor?: string | undefined;
}

/** Names of the filters, in the order that they are shown. */
export const FILTERS = Object.keys(SearchFilters.shape) as readonly SearchFilterName[];

/** Reads a search out of an address. USAGE names what is wrong with it. */
export function readSearch(parameters: URLSearchParams): SearchState {
  const given = (name: string): string[] => parameters.getAll(name).filter((value) => value !== "");
  const filters = Object.fromEntries(FILTERS.flatMap((name) => (given(name).length === 0 ? [] : [[name, given(name)] as const])));
  const parsed = SearchQuery.safeParse({
    q: parameters.get("q") ?? "",
    ...filters,
    order: parameters.get("order") ?? undefined,
    cursor: parameters.get("cursor") ?? undefined,
  });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new GraftError("USAGE", `Cannot search: ${String(issue?.path[0] ?? "the address")} is wrong: ${issue?.message ?? ""}`, {
      hint: "Begin a new search",
    });
  }
  const { q, order, cursor } = parsed.data;
  return { q, filters, order, ...(cursor === undefined ? {} : { cursor }) };
}

/** The query of an address of a search, without what is as it would be anyway. */
export function searchQuery({ q, filters, order, cursor }: SearchState): string {
  const pairs = [
    ...(q === "" ? [] : [["q", q]]),
    ...FILTERS.flatMap((name) => (filters[name] ?? []).map((value) => [name, value])),
    ...(order === "relevance" ? [] : [["order", order]]),
    ...(cursor === undefined ? [] : [["cursor", cursor]]),
  ];
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs).toString()}`;
}
