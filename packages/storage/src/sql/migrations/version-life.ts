import type { Migration } from "../migration.ts";

/** What happens to a version after it is published, the files beside it, and versions that wait for approval. */
export const addVersionLife: Migration = {
  name: "life of versions",
  statements: ({ text }) => [
    `alter table versions add column deprecated ${text}`,
    `alter table versions add column withdrawn_at ${text}`,
    `alter table versions add column withdrawn_why ${text}`,
    `create table version_files (
      name ${text} not null, version ${text} not null, path ${text} not null, digest ${text} not null, size bigint not null,
      primary key (name, version, path))`,
    "create index version_files_by_digest on version_files (digest)",
    `create table staged_versions (
      name ${text} not null, version ${text} not null, document ${text} not null, tag ${text}, visibility ${text},
      staged_at ${text} not null, staged_by ${text} not null, primary key (name, version))`,
    `create table staged_blobs (
      name ${text} not null, version ${text} not null, digest ${text} not null, primary key (name, version, digest))`,
    "create index staged_blobs_by_digest on staged_blobs (digest)",
  ],
};
