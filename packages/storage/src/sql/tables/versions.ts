import type { ColumnType, Generated, Selectable } from "kysely";

/** One row per adapter; `canonical` keeps confusable names apart. `newest` is the version that lists show. */
interface AdapterTable {
  name: string;
  canonical: string;
  newest: number | null;
  /** Without the `@`. */
  scope: string;
  /** `public` or `private`. */
  visibility: string;
}

/** One row per version; what it says never changes, only whether it is deprecated or withdrawn. `sort` orders versions as semantic versioning does. Documents are JSON texts. */
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
  deprecated: string | null;
  withdrawn_at: string | null;
  withdrawn_why: string | null;
}

/** Distinct sets of target matrices: thousands of adapters of one base share a handful. */
interface TargetSetTable {
  id: Generated<number>;
  digest: string;
  /** Matrices in it. */
  size: number;
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

/** Tables of adapters and their versions. */
export interface VersionTables {
  adapters: AdapterTable;
  versions: VersionTable;
  target_sets: TargetSetTable;
  targets: TargetTable;
  tags: TagTable;
}

/** A row of versions as it is read. */
export type VersionRow = Selectable<VersionTable>;
