import type { Migration } from "../migration.ts";

/** Adapters, versions, their targets and tags. */
export const firstVersions: Migration = {
  name: "versions",
  statements: ({ id, text }) => [
    `create table target_sets (id ${id}, digest ${text} not null unique)`,
    `create table targets (
      matrix ${text} not null, target_set bigint not null references target_sets (id), primary key (matrix, target_set))`,
    `create table adapters (name ${text} primary key, canonical ${text} not null unique, newest bigint)`,
    `create table versions (
      id ${id}, name ${text} not null references adapters (name), version ${text} not null, sort ${text} not null,
      prerelease integer not null, digest ${text} not null, size bigint not null, tensors_digest ${text} not null,
      base ${text} not null references bases (fingerprint), method ${text} not null, task ${text} not null, description ${text},
      keywords ${text} not null, target_set bigint references target_sets (id), target_count integer not null,
      manifest ${text} not null, signatures ${text} not null, published_at ${text} not null, published_by ${text} not null,
      unique (name, version))`,
    "create index versions_by_sort on versions (name, sort)",
    "create index versions_by_digest on versions (digest)",
    "create index versions_by_tensors on versions (tensors_digest)",
    "create index versions_by_base on versions (base)",
    "create index versions_by_targets on versions (target_set)",
    `create table tags (
      name ${text} not null references adapters (name), tag ${text} not null, version ${text} not null, primary key (name, tag))`,
  ],
};
