import { fullTextIndex } from "../full-text.ts";
import type { Migration } from "../migration.ts";
import { indexAllAdapters } from "../search/index-adapter.ts";

/** What search looks in, and how often versions are downloaded. */
export const addSearch: Migration = {
  name: "search and downloads",
  statements: (types) => [
    `create table search_entries (
      id ${types.id}, name ${types.text} not null unique references adapters (name), version_id bigint not null references versions (id),
      is_public integer not null, publisher ${types.text} not null, published_at ${types.text} not null,
      downloads bigint not null default 0, popularity integer not null default 0,
      task ${types.text} not null, method ${types.text} not null, base ${types.text} not null, base_name ${types.text} not null,
      rank integer, license ${types.text}, languages ${types.text} not null,
      name_words ${types.text} not null, tag_words ${types.text} not null, description_words ${types.text} not null,
      base_words ${types.text} not null)`,
    "create index search_entries_by_date on search_entries (published_at)",
    ...fullTextIndex(types),
    `create table download_days (
      version_id bigint not null references versions (id), day ${types.text} not null, count bigint not null, primary key (version_id, day))`,
  ],
  finish: indexAllAdapters,
};
