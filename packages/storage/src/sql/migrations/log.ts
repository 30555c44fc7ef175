import type { Migration } from "../migration.ts";

/** The log of changes, and the keys that sign it. */
export const addLog: Migration = {
  name: "log of changes",
  statements: ({ text }) => [
    `create table log_entries (
      position bigint primary key, kind ${text} not null, name ${text}, version ${text}, text ${text} not null, salt ${text})`,
    "create index log_entries_by_version on log_entries (name, version)",
    `create table log_state (id integer primary key, size bigint not null, key ${text})`,
    "insert into log_state (id, size) values (1, 0)",
    `create table log_roots (level integer not null, position bigint not null, root ${text} not null, primary key (level, position))`,
    `create table signing_keys (
      number integer primary key, id ${text} not null unique, key ${text} not null, created_at ${text} not null, rotation ${text})`,
  ],
};
