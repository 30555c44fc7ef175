import { LIMITS } from "@graft/protocol";

/** Bounds that whoever runs a registry may lower. */
export interface RegistrySettings {
  /** Bytes of one blob. */
  readonly blobBytes: number;
  /** Bytes of a JSON body. */
  readonly bodyBytes: number;
  /** Seconds without a byte after which a body is given up. */
  readonly idleSeconds: number;
  /** Average speed of a body below which it is given up, looked at after `idleSeconds`. */
  readonly minimumBytesPerSecond: number;
  /** Address by which people and programs know the registry; that of each request when left out. */
  readonly publicUrl?: string | undefined;
  /** Ranges of addresses of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Requests of one token, or of one address without one, in a minute; 0 does not count. */
  readonly requestsPerMinute: number;
  /** Tries to sign in, of one address and for one account, in a minute; 0 does not count. */
  readonly signInsPerMinute: number;
  /** Whether accounts can be made without an invitation. */
  readonly signUp: "closed" | "open";
  /** Who may claim a scope that nobody has: every account, or administrators alone. */
  readonly scopeClaims: "accounts" | "admins";
  /** Scopes that one account may claim. */
  readonly scopesPerAccount: number;
  /** What a scope may hold that has no quota of its own; any amount when left out. */
  readonly quotaBytes?: number | undefined;
  readonly quotaVersions?: number | undefined;
  /** Who may read a new adapter when the publisher says nothing. */
  readonly defaultAccess: "public" | "private";
  /** Issuers whose workloads may be trusted to publish. */
  readonly workloadIssuers: readonly string[];
  readonly singleSignOn?: SingleSignOnSettings | undefined;
}

/** The issuer by which people sign in, and who of it gets an account without an invitation. */
export interface SingleSignOnSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
  /** What the button says. */
  readonly label: string;
  /** Domains of verified e-mail addresses whose people get an account at once; `*` is everybody of the issuer. */
  readonly domains: readonly string[];
}

/** The protocol's own bounds, and a sender of 8 KiB/s: slower than any phone, too fast to hold a thousand connections for free. */
export const DEFAULT_SETTINGS: RegistrySettings = {
  blobBytes: LIMITS.blobBytes,
  bodyBytes: LIMITS.bodyBytes,
  idleSeconds: 30,
  minimumBytesPerSecond: 8 * 1024,
  trustedProxies: [],
  requestsPerMinute: 0,
  signInsPerMinute: 10,
  signUp: "closed",
  scopeClaims: "accounts",
  scopesPerAccount: 10,
  defaultAccess: "public",
  workloadIssuers: ["https://token.actions.githubusercontent.com", "https://gitlab.com"],
};
