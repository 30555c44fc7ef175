import type { ColumnType, Generated, Selectable } from "kysely";

/** One row per base. Documents are JSON texts. */
export interface BaseTable {
  fingerprint: string;
  name: string;
  revision: string | null;
  family: string | null;
  tokenizer: string | null;
  matrix_count: number;
  registered_at: string;
  registered_by: string;
}

/** Matrices of a base: stored once per base, however many adapters it has. */
interface BaseMatrixTable {
  base: string;
  position: number;
  module: string;
  digest: string;
  rows: number;
  columns: number;
}

/** Weight files that a base comes in. */
interface BaseFileTable {
  base: string;
  digest: string;
  name: string;
  size: number;
}

/** One row per adapter; `canonical` keeps confusable names apart. `newest` is the version that lists show. */
interface AdapterTable {
  name: string;
  canonical: string;
  newest: number | null;
  search_text: string;
}

/** One row per version; it never changes. `sort` orders versions as semantic versioning does. */
interface VersionTable {
  id: Generated<number>;
  name: string;
  version: string;
  sort: string;
  prerelease: ColumnType<number, number, never>;
  digest: string;
  size: number;
  tensors_digest: string;
  base: string;
  method: string;
  task: string;
  description: string | null;
  keywords: string;
  target_set: number | null;
  target_count: number;
  manifest: string;
  signatures: string;
  published_at: string;
  published_by: string;
}

/** Distinct sets of target matrices: thousands of adapters of one base share a handful. */
interface TargetSetTable {
  id: Generated<number>;
  digest: string;
}

/** Which matrices are in a set. */
interface TargetTable {
  matrix: string;
  target_set: number;
}

/** Tags name versions; they move. */
interface TagTable {
  name: string;
  tag: string;
  version: string;
}

/** Tokens; the text itself is nowhere. */
export interface TokenTable {
  id: string;
  hash: string;
  label: string;
  names: string;
  actions: string;
  created_at: string;
  expires_at: string | null;
}

/** All tables. */
export interface Database {
  bases: BaseTable;
  base_matrices: BaseMatrixTable;
  base_files: BaseFileTable;
  adapters: AdapterTable;
  versions: VersionTable;
  target_sets: TargetSetTable;
  targets: TargetTable;
  tags: TagTable;
  tokens: TokenTable;
}

/** A row of versions as it is read. */
export type VersionRow = Selectable<VersionTable>;
