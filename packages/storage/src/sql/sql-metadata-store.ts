import type { Kysely } from "kysely";
import type { MetadataStore } from "../metadata/metadata-store.ts";
import { sqlBases } from "./bases.ts";
import { sqlLookups } from "./lookups.ts";
import { migrate } from "./migrate.ts";
import type { Database } from "./schema.ts";
import { sqlTokens } from "./tokens.ts";
import { sqlVersions } from "./versions.ts";

/** A metadata store over any SQL database that Kysely speaks to; brings its schema up to date first. */
export async function sqlMetadataStore(database: Kysely<Database>): Promise<MetadataStore> {
  await migrate(database);
  return {
    bases: sqlBases(database),
    versions: sqlVersions(database),
    lookups: sqlLookups(database),
    tokens: sqlTokens(database),
    close: () => database.destroy(),
  };
}
