import { GraftError } from "@graft/error";

/** HTTP status that an S3 server refused with; undefined when it never answered. */
export function statusOf(cause: unknown): number | undefined {
  return (cause as { readonly $metadata?: { readonly httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}

/** What the client throws as a GraftError, where what to do is known; anything else stays as it is. Never with the keys. */
export function s3Error(cause: unknown, what: string): unknown {
  if (!(cause instanceof Error) || cause instanceof GraftError) return cause;
  const status = statusOf(cause);
  const fail = (why: string, hint: string): GraftError =>
    new GraftError("UNAVAILABLE", `Cannot ${what}: ${why}`, {
      hint,
      detail: { s3: cause.name, ...(status === undefined ? {} : { status }) },
      cause,
    });
  if (cause.name === "NoSuchBucket") return fail("there is no such bucket", "Make the bucket that GRAFT_BLOBS names");
  if (cause.name === "CredentialsProviderError") return fail("there are no keys for it", "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
  if (status === 401 || status === 403) return fail("the bucket does not let us in", "Check the keys and what they allow");
  if (status === 507 || cause.name === "QuotaExceeded")
    return new GraftError("DISK_FULL", `Cannot ${what}: the bucket is full`, { hint: "Raise its quota", cause });
  if (status === undefined || status >= 500 || status === 429) return fail("the bucket does not answer", "Try again later");
  return cause;
}
