import type { Kysely } from "kysely";
import type { AdapterSearch, SearchPage } from "../../metadata/search-store.ts";
import type { Viewer } from "../../metadata/viewer.ts";
import type { Database } from "../schema.ts";
import { searchAdapters } from "./search-adapters.ts";
import { visibleEntries } from "./visible-entries.ts";

/** A search and who asks: plain data, so that another thread can answer. */
export interface SearchQuestion {
  readonly search: AdapterSearch;
  readonly viewer: Viewer;
}

/** Answers it over a connection. */
export function answerSearch(database: Kysely<Database>, { search, viewer }: SearchQuestion): Promise<SearchPage> {
  return searchAdapters(database, { search, visible: visibleEntries(database, viewer) });
}
