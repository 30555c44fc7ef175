/** One row per base; `derivation` is JSON. */
export interface BaseTable {
  fingerprint: string;
  name: string;
  revision: string | null;
  family: string | null;
  tokenizer: string | null;
  source: string | null;
  license: string | null;
  layout: string | null;
  derived_from: string | null;
  derivation: string | null;
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
  norm: number;
}

/** Weight files that a base comes in. */
interface BaseFileTable {
  base: string;
  digest: string;
  name: string;
  size: number;
}

/** Tables of bases. */
export interface BaseTables {
  bases: BaseTable;
  base_matrices: BaseMatrixTable;
  base_files: BaseFileTable;
}
