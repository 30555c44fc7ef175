import type { Migration } from "../migration.ts";

/** Who may read an adapter, and the scope that decides it. */
export const addVisibility: Migration = {
  name: "visibility of adapters",
  statements: ({ text }) => [
    `alter table adapters add column scope ${text} not null default ''`,
    `alter table adapters add column visibility ${text} not null default 'public'`,
    // "@scope/name" without its name, without the slash, without the @.
    "update adapters set scope = substr(rtrim(rtrim(name, 'abcdefghijklmnopqrstuvwxyz0123456789._-'), '/'), 2)",
    "create index adapters_by_scope on adapters (scope, name)",
  ],
};
