import type { Migration } from "../migration.ts";

/** Bases, their matrices and files. */
export const firstBases: Migration = {
  name: "bases",
  statements: ({ text }) => [
    `create table bases (
      fingerprint ${text} primary key, name ${text} not null, revision ${text}, family ${text}, tokenizer ${text},
      matrix_count integer not null, registered_at ${text} not null, registered_by ${text} not null)`,
    "create index bases_by_name on bases (name, fingerprint)",
    `create table base_matrices (
      base ${text} not null references bases (fingerprint), position integer not null, module ${text} not null, digest ${text} not null,
      rows integer not null, columns integer not null, primary key (base, position))`,
    `create table base_files (
      base ${text} not null references bases (fingerprint), digest ${text} not null, name ${text} not null, size bigint not null,
      primary key (base, digest))`,
    "create index base_files_by_digest on base_files (digest)",
  ],
};
