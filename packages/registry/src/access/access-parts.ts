import type { RegistryParts } from "../context.ts";
import { scryptHasher, type PasswordHasher } from "./passwords.ts";
import { SingleSignOn } from "./single-sign-on.ts";
import { TokenBuckets } from "./token-buckets.ts";
import { TokenUse } from "./token-use.ts";
import { WorkloadKeys } from "./workloads.ts";

/** What signing in and counting requests need in this process. Each process counts for itself. */
export interface AccessParts {
  readonly passwords: PasswordHasher;
  /** Buckets of tokens and addresses; none counts nothing. */
  readonly requests: TokenBuckets | undefined;
  readonly signIns: TokenBuckets | undefined;
  /** Buckets of accounts, wherever somebody tries from: larger, so that one stranger cannot lock somebody out. */
  readonly accountSignIns: TokenBuckets | undefined;
  readonly tokenUse: TokenUse;
  readonly singleSignOn: SingleSignOn | undefined;
  readonly workloadKeys: WorkloadKeys;
}

/** Addresses that must try at full speed before an account is closed for everybody else. */
const ADDRESSES = 6;

/** Makes them from the settings. A minute's worth may come at once. */
export function accessParts(
  { settings, clock, metadata, onFault }: Pick<RegistryParts, "settings" | "clock" | "metadata" | "onFault">,
  passwords: PasswordHasher = scryptHasher(),
): AccessParts {
  const buckets = (perMinute: number) =>
    perMinute === 0 ? undefined : new TokenBuckets({ capacity: perMinute, perSecond: perMinute / 60 }, clock);
  return {
    passwords,
    requests: buckets(settings.requestsPerMinute),
    signIns: buckets(settings.signInsPerMinute),
    accountSignIns: buckets(settings.signInsPerMinute * ADDRESSES),
    tokenUse: new TokenUse(metadata.tokens, onFault),
    singleSignOn: settings.singleSignOn === undefined ? undefined : new SingleSignOn(settings.singleSignOn),
    workloadKeys: new WorkloadKeys(settings.workloadIssuers),
  };
}
