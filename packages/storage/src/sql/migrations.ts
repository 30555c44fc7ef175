import { sql, type Kysely } from "kysely";
import type { Database } from "./schema.ts";

/** One step of the schema. Steps are never changed once released; a correction is a new step. */
export interface Migration {
  readonly name: string;
  up(database: Kysely<Database>): Promise<void>;
}

/** All steps, in order. Their number is the version of the schema. */
export const MIGRATIONS: readonly Migration[] = [
  {
    name: "first tables",
    up: async (database) => {
      for (const statement of FIRST_TABLES) await sql.raw(statement).execute(database);
    },
  },
];

const FIRST_TABLES = [
  `create table bases (
    fingerprint text primary key, name text not null, revision text, family text, tokenizer text,
    matrix_count integer not null, registered_at text not null, registered_by text not null)`,
  "create index bases_by_name on bases (name, fingerprint)",
  `create table base_matrices (
    base text not null references bases (fingerprint), position integer not null, module text not null, digest text not null,
    rows integer not null, columns integer not null, primary key (base, position))`,
  `create table base_files (
    base text not null references bases (fingerprint), digest text not null, name text not null, size bigint not null, primary key (base, digest))`,
  "create index base_files_by_digest on base_files (digest)",
  "create table target_sets (id integer primary key, digest text not null unique)",
  `create table targets (
    matrix text not null, target_set integer not null references target_sets (id), primary key (matrix, target_set))`,
  "create table adapters (name text primary key, canonical text not null unique, newest integer, search_text text not null)",
  `create table versions (
    id integer primary key, name text not null references adapters (name), version text not null, sort text not null, prerelease integer not null,
    digest text not null, size bigint not null, tensors_digest text not null, base text not null references bases (fingerprint),
    method text not null, task text not null, description text, keywords text not null,
    target_set integer references target_sets (id), target_count integer not null,
    manifest text not null, signatures text not null, published_at text not null, published_by text not null,
    unique (name, version))`,
  "create index versions_by_sort on versions (name, sort)",
  "create index versions_by_digest on versions (digest)",
  "create index versions_by_tensors on versions (tensors_digest)",
  "create index versions_by_base on versions (base)",
  "create index versions_by_targets on versions (target_set)",
  "create table tags (name text not null references adapters (name), tag text not null, version text not null, primary key (name, tag))",
  `create table tokens (
    id text primary key, hash text not null unique, label text not null, names text not null, actions text not null,
    created_at text not null, expires_at text)`,
];
