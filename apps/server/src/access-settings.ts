import { AddressRange } from "@graft/protocol";
import { DEFAULT_SETTINGS, type RegistrySettings } from "@graft/registry";
import { z } from "zod";

const whole = z.coerce.number().int().min(0);

/** Words separated by commas. */
const list = (...values: readonly string[]) =>
  z
    .string()
    .default(values.join(","))
    .transform((text) =>
      text
        .split(",")
        .map((word) => word.trim())
        .filter(Boolean),
    );

/** Settings of who may do what. */
export const ACCESS_SETTINGS = {
  publicUrl: {
    variable: "GRAFT_PUBLIC_URL",
    about: "address by which people know the registry, behind a proxy",
    schema: z.url({ protocol: /^https?$/ }).optional(),
    otherwise: "that of each request",
  },
  trustedProxies: {
    variable: "GRAFT_TRUSTED_PROXIES",
    about: "ranges of addresses of proxies whose X-Forwarded-For is believed, separated by commas",
    schema: list().pipe(z.array(AddressRange)),
    otherwise: "none",
  },
  requestsPerMinute: {
    variable: "GRAFT_REQUESTS_PER_MINUTE",
    about: "requests of one token, or of one address without one; 0 does not count",
    schema: whole.default(30_000),
  },
  signInsPerMinute: {
    variable: "GRAFT_SIGN_INS_PER_MINUTE",
    about: "tries to sign in, of one address and for one account; 0 does not count",
    schema: whole.default(DEFAULT_SETTINGS.signInsPerMinute),
  },
  signUp: {
    variable: "GRAFT_SIGN_UP",
    about: "closed or open: whether accounts can be made without an invitation",
    schema: z.enum(["closed", "open"]).default("closed"),
  },
  scopeClaims: {
    variable: "GRAFT_SCOPE_CLAIMS",
    about: "accounts or admins: who may claim a scope that nobody has",
    schema: z.enum(["accounts", "admins"]).default("accounts"),
  },
  scopesPerAccount: {
    variable: "GRAFT_SCOPES_PER_ACCOUNT",
    about: "scopes that one account may claim",
    schema: whole.default(DEFAULT_SETTINGS.scopesPerAccount),
  },
  quotaBytes: { variable: "GRAFT_QUOTA_BYTES", about: "bytes that a scope may hold", schema: whole.optional(), otherwise: "any number" },
  quotaVersions: {
    variable: "GRAFT_QUOTA_VERSIONS",
    about: "versions that a scope may hold",
    schema: whole.optional(),
    otherwise: "any number",
  },
  defaultAccess: {
    variable: "GRAFT_DEFAULT_ACCESS",
    about: "public or private: who may read a new adapter when its publisher says nothing",
    schema: z.enum(["public", "private"]).default("public"),
  },
  workloadIssuers: {
    variable: "GRAFT_WORKLOAD_ISSUERS",
    about: "issuers whose workflows owners may trust to publish, separated by commas",
    schema: list(...DEFAULT_SETTINGS.workloadIssuers).pipe(z.array(z.url({ protocol: /^https?$/ }))),
    otherwise: DEFAULT_SETTINGS.workloadIssuers.join(","),
  },
  oidcIssuer: {
    variable: "GRAFT_OIDC_ISSUER",
    about: "address of an OpenID Connect issuer by which people sign in",
    schema: z.url({ protocol: /^https?$/ }).optional(),
    otherwise: "none",
  },
  oidcClientId: {
    variable: "GRAFT_OIDC_CLIENT_ID",
    about: "name of the registry at that issuer",
    schema: z.string().min(1).default("graft"),
  },
  oidcClientSecret: {
    variable: "GRAFT_OIDC_CLIENT_SECRET",
    about: "secret of the registry at that issuer",
    schema: z.string().min(1).optional(),
    isSecret: true,
    otherwise: "none",
  },
  oidcLabel: {
    variable: "GRAFT_OIDC_LABEL",
    about: "what to call that issuer on the pages",
    schema: z.string().min(1).default("single sign-on"),
  },
  oidcDomains: {
    variable: "GRAFT_OIDC_DOMAINS",
    about: "domains of verified e-mail addresses that get an account at once, separated by commas; * is everybody of the issuer",
    schema: list(),
    otherwise: "none: accounts are by invitation",
  },
} as const;

type AccessSettings = { readonly [Name in keyof typeof ACCESS_SETTINGS]: z.output<(typeof ACCESS_SETTINGS)[Name]["schema"]> };

/** Single sign-on as the registry takes it; none without an issuer. */
export function singleSignOnOf(settings: AccessSettings): RegistrySettings["singleSignOn"] {
  const { oidcIssuer, oidcClientId, oidcClientSecret, oidcLabel, oidcDomains } = settings;
  if (oidcIssuer === undefined) return undefined;
  return { issuer: oidcIssuer, clientId: oidcClientId, clientSecret: oidcClientSecret, label: oidcLabel, domains: oidcDomains };
}
