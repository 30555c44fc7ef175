import type { Migration } from "../migration.ts";

/** Who uploaded which blob, and which blobs nothing names. */
export const addBlobs: Migration = {
  name: "blobs",
  statements: ({ text }) => [
    `create table blob_uploads (
      digest ${text} not null, owner ${text} not null, uploaded_at ${text} not null, primary key (digest, owner))`,
    `create table blob_marks (digest ${text} primary key, marked_at ${text} not null)`,
  ],
};
