import type { Migration } from "../migration.ts";

/** Tokens by the hash of their text. */
export const firstTokens: Migration = {
  name: "tokens",
  statements: ({ text }) => [
    `create table tokens (
      id ${text} primary key, hash ${text} not null unique, label ${text} not null, names ${text} not null, actions ${text} not null,
      created_at ${text} not null, expires_at ${text})`,
  ],
};
