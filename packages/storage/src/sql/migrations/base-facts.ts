import type { Migration } from "../migration.ts";

/** Where a base comes from, what it was made from, and the norm of each matrix. */
export const addBaseFacts: Migration = {
  name: "base facts",
  statements: ({ text }) => [
    `alter table bases add column source ${text}`,
    `alter table bases add column license ${text}`,
    `alter table bases add column layout ${text}`,
    `alter table bases add column derived_from ${text}`,
    `alter table bases add column derivation ${text}`,
    "create index bases_by_layout on bases (layout)",
    "create index bases_by_origin on bases (derived_from)",
    "alter table base_matrices add column norm double precision not null default 0",
  ],
};
