export { openFileBlobStore } from "./file-blob-store.ts";
export { openSqliteStore } from "./sqlite/open-sqlite-store.ts";
export { openPostgresStore } from "./postgres/open-postgres-store.ts";
