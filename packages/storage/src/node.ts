export { openFileBlobStore } from "./file-blob-store.ts";
export { openSqliteStore } from "./sqlite/open-sqlite-store.ts";
export { openPostgresStore } from "./postgres/open-postgres-store.ts";
export { createBucket, openS3BlobStore } from "./s3/open-s3-blob-store.ts";
export { isS3Address } from "./s3/s3-address.ts";
export { openSqlConnection, type SqlConnection } from "./sql-connection.ts";
