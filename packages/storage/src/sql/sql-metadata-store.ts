import type { Kysely } from "kysely";
import type { MetadataStore } from "../metadata/metadata-store.ts";
import { sqlBases } from "./bases.ts";
import { sqlLookups } from "./lookups.ts";
import type { Database } from "./schema.ts";
import { sqlTokens } from "./tokens.ts";
import { sqlVersionReader } from "./version-reader.ts";
import { sqlVersions } from "./versions.ts";

/** A metadata store over a database whose schema is up to date. */
export function sqlMetadataStore(database: Kysely<Database>): MetadataStore {
  return {
    bases: sqlBases(database),
    versions: sqlVersions(database),
    tokens: sqlTokens(database),
    seenBy: (viewer) => ({ versions: sqlVersionReader(database, viewer), lookups: sqlLookups(database, viewer) }),
    close: () => database.destroy(),
  };
}
