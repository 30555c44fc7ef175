import { ACCOUNT_ROUTES } from "./routes/accounts.ts";
import { ADAPTER_ROUTES } from "./routes/adapters.ts";
import { BASE_ROUTES } from "./routes/bases.ts";
import { BLOB_ROUTES } from "./routes/blobs.ts";
import { LOG_ROUTES } from "./routes/log.ts";
import { LIFE_ROUTES } from "./routes/life.ts";
import { LOOKUP_ROUTES } from "./routes/lookups.ts";
import { SEARCH_ROUTES } from "./routes/search.ts";
import { SERVICE_ROUTES } from "./routes/service.ts";
import { SCOPE_ROUTES } from "./routes/scopes.ts";
import { SIGN_IN_ROUTES } from "./routes/sign-in.ts";
import { TEAM_ROUTES } from "./routes/teams.ts";
import { TOKEN_ROUTES } from "./routes/tokens.ts";

/** Every route of a registry, in the shape of an OpenAPI operation: servers mount it, clients take paths and schemas from it. */
export const ROUTES = {
  ...SERVICE_ROUTES,
  ...BASE_ROUTES,
  ...BLOB_ROUTES,
  ...ADAPTER_ROUTES,
  ...LOG_ROUTES,
  ...LIFE_ROUTES,
  ...LOOKUP_ROUTES,
  ...SEARCH_ROUTES,
  ...TOKEN_ROUTES,
  ...ACCOUNT_ROUTES,
  ...SIGN_IN_ROUTES,
  ...SCOPE_ROUTES,
  ...TEAM_ROUTES,
} as const;

/** Name of a route. */
export type RouteName = keyof typeof ROUTES;
