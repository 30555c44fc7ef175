import type { Migration } from "./migration.ts";
import { addAccess } from "./migrations/access.ts";
import { addBaseFacts } from "./migrations/base-facts.ts";
import { firstBases } from "./migrations/bases.ts";
import { addBlobs } from "./migrations/blobs.ts";
import { addFits } from "./migrations/fits.ts";
import { addLog } from "./migrations/log.ts";
import { addSearch } from "./migrations/search.ts";
import { firstTokens } from "./migrations/tokens.ts";
import { addVersionLife } from "./migrations/version-life.ts";
import { firstVersions } from "./migrations/versions.ts";
import { addVisibility } from "./migrations/visibility.ts";

/** All steps, in order; a new one goes to the end. Their number is the version of the schema. */
export const MIGRATIONS: readonly Migration[] = [
  firstBases,
  firstVersions,
  firstTokens,
  addVisibility,
  addAccess,
  addLog,
  addBaseFacts,
  addSearch,
  addVersionLife,
  addBlobs,
  addFits,
];
