import type { AccessTables } from "./tables/access.ts";
import type { BaseTables } from "./tables/bases.ts";
import type { BlobTables } from "./tables/blobs.ts";
import type { FitTables } from "./tables/fits.ts";
import type { LogTables } from "./tables/log.ts";
import type { SearchTables } from "./tables/search.ts";
import type { TokenTables } from "./tables/tokens.ts";
import type { VersionLifeTables } from "./tables/version-life.ts";
import type { VersionTables } from "./tables/versions.ts";

/** All tables. */
export interface Database
  extends BaseTables, VersionTables, TokenTables, AccessTables, LogTables, FitTables, SearchTables, VersionLifeTables, BlobTables {}
