import { GraftError } from "@graft/error";
import type { TokenBuckets } from "./token-buckets.ts";

/** Takes one of a bucket. RATE_LIMITED says when there will be one again; without buckets nothing is limited. */
export function takeOne(buckets: TokenBuckets | undefined, key: string, what: string): void {
  const seconds = buckets?.take(key) ?? 0;
  if (seconds === 0) return;
  const retryAfter = Math.max(1, Math.ceil(seconds));
  throw new GraftError("RATE_LIMITED", `Cannot ${what}: too many came`, {
    hint: `Try again in ${retryAfter} s`,
    detail: { retryAfter },
  });
}
