import type { Kysely } from "kysely";
import type { MetadataStore } from "../metadata/metadata-store.ts";
import { sqlAudit } from "./audit.ts";
import type { SearchPage } from "../metadata/search-store.ts";
import { sqlBases } from "./bases.ts";
import { sqlBlobs } from "./blobs.ts";
import { sqlCopies } from "./copies.ts";
import { sqlLog } from "./log.ts";
import { adapterDownloads, sqlDownloads } from "./downloads.ts";
import { sqlLookups } from "./lookups.ts";
import type { Database } from "./schema.ts";
import { sqlPublishers } from "./publishers.ts";
import { sqlScopes } from "./scopes.ts";
import { sqlSignIns } from "./sign-ins.ts";
import { sqlStaged } from "./staged.ts";
import { sqlTeams } from "./teams.ts";
import { answerSearch, type SearchQuestion } from "./search/search-question.ts";
import { visibleEntries } from "./search/visible-entries.ts";
import { sqlTokens } from "./tokens.ts";
import { sqlUsers } from "./users.ts";
import { sqlVersionReader } from "./version-reader.ts";
import { sqlVersions } from "./versions.ts";

/** Parts that a driver may answer in another way. */
interface Ways {
  readonly search?: (question: SearchQuestion) => Promise<SearchPage>;
}

/** A metadata store over a database whose schema is up to date. */
export function sqlMetadataStore(
  database: Kysely<Database>,
  { search = (question) => answerSearch(database, question) }: Ways = {},
): MetadataStore {
  return {
    bases: sqlBases(database),
    versions: sqlVersions(database),
    staged: sqlStaged(database),
    tokens: sqlTokens(database),
    users: sqlUsers(database),
    scopes: sqlScopes(database),
    teams: sqlTeams(database),
    signIns: sqlSignIns(database),
    publishers: sqlPublishers(database),
    audit: sqlAudit(database),
    log: sqlLog(database),
    blobs: sqlBlobs(database),
    copies: sqlCopies(database),
    downloads: sqlDownloads(database),
    seenBy: (viewer) => ({
      versions: sqlVersionReader(database, viewer),
      lookups: sqlLookups(database, viewer),
      search: {
        find: (asked) => search({ search: asked, viewer }),
        downloads: (name, since) => adapterDownloads(database, { name, since, visible: visibleEntries(database, viewer) }),
      },
    }),
    close: () => database.destroy(),
  };
}
