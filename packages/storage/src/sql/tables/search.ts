import type { Generated } from "kysely";

/** One row per adapter: what search shows, filters and orders by. Words stand between spaces, so that ` spam` begins one. */
export interface SearchEntryTable {
  id: Generated<number>;
  name: string;
  /** The newest release. */
  version_id: number;
  is_public: number;
  /** The scope, without its `@`. */
  publisher: string;
  published_at: string;
  downloads: Generated<number>;
  /** The power of two below the downloads, as the full-text index has it. */
  popularity: Generated<number>;
  task: string;
  method: string;
  base: string;
  base_name: string;
  rank: number | null;
  license: string | null;
  /** JSON. */
  languages: string;
  name_words: string;
  tag_words: string;
  description_words: string;
  base_words: string;
}

/** Downloads of a version on a day. */
interface DownloadDayTable {
  version_id: number;
  day: string;
  count: number;
}

/** Tables of search and downloads; the full-text index beside them is the dialect's own. */
export interface SearchTables {
  search_entries: SearchEntryTable;
  download_days: DownloadDayTable;
}
