import type { StoredVersionSummary } from "./version-store.ts";

/** What a search can be narrowed by: `base` takes a fingerprint or a name, `publisher` a scope, `rank` a number. */
export const SEARCH_FILTERS = ["task", "base", "method", "rank", "license", "language", "publisher"] as const;

/** One of the filters. */
export type SearchFilter = (typeof SEARCH_FILTERS)[number];

/** Which come first: those that have the words in the weightiest places, the newest, or the most downloaded. */
export type SearchOrder = "relevance" | "date" | "downloads";

/** Matches that are looked at: the most downloaded ones, or the newest when the order is by date. */
export const SEARCH_WINDOW = 2_000;

/** Where counting stops. */
export const SEARCH_COUNTED = 1_000;

/** What to look for. Words must all be there, each as the beginning of one; of the values of a filter any. */
export interface AdapterSearch {
  readonly text: string;
  readonly filters: Readonly<Partial<Record<SearchFilter, readonly string[]>>>;
  readonly order: SearchOrder;
  readonly limit: number;
  /** The place that the page before ended at. */
  readonly after?: string | undefined;
  /** Counts per filter, each as if that filter were not set. */
  readonly withFacets: boolean;
}

/** How many there are; `isMore` when there are more than were counted. */
export interface SearchCount {
  readonly count: number;
  readonly isMore: boolean;
}

/** A value of a filter, and how many matches have it; `label` is what people call it. */
export interface SearchFacet extends SearchCount {
  readonly value: string;
  readonly label?: string | undefined;
}

/** An adapter that was found, with its newest release. */
export interface FoundAdapter extends StoredVersionSummary {
  readonly baseName: string;
  readonly rank?: number | undefined;
  readonly license?: string | undefined;
  readonly languages: readonly string[];
  readonly publisher: string;
  readonly downloads: number;
  /** Goes on after this one. */
  readonly place: string;
}

/** A page of a search. */
export interface SearchPage {
  readonly items: readonly FoundAdapter[];
  readonly total: SearchCount;
  readonly facets?: Readonly<Record<SearchFilter, readonly SearchFacet[]>> | undefined;
}

/** Downloads of one adapter. */
export interface AdapterDownloads {
  readonly total: number;
  /** Days that have any, `2026-01-31`, oldest first. */
  readonly days: readonly { readonly day: string; readonly count: number }[];
  /** Versions that have any, the most downloaded first. */
  readonly versions: readonly { readonly version: string; readonly count: number }[];
}

/** Adapters by words and filters, and how often they are downloaded, as somebody sees the registry. */
export interface SearchStore {
  find(search: AdapterSearch): Promise<SearchPage>;
  /** Days and versions since a day (`2026-01-31`); the total is of all time. */
  downloads(name: string, since: string): Promise<AdapterDownloads>;
}
