import { GraftError } from "@graft/error";

/** Where a bucket is, and what its server can do. */
export interface S3Address {
  readonly bucket: string;
  /** What every key begins with: empty, or ending in a slash. */
  readonly prefix: string;
  /** Left out, it is AWS's for the region. */
  readonly endpoint?: string;
  readonly region: string;
  /** Whether the bucket stands in the path instead of the host; all servers but AWS's understand that. */
  readonly isPathStyle: boolean;
  /** Whether to write objects only where there is none yet, where the server can. */
  readonly isConditional: boolean;
}

const OPTIONS = new Set(["endpoint", "region", "path-style", "conditional"]);

/** Whether a setting of blobs means a bucket, and not a folder. */
export function isS3Address(text: string): boolean {
  return /^s3:/i.test(text);
}

/** Reads `s3://bucket/prefix?endpoint=https://…&region=…&path-style=true&conditional=false`. USAGE. */
export function parseS3Address(text: string): S3Address {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const refuse = (why: string): GraftError =>
    new GraftError("USAGE", `Cannot use "${text}" for blobs: ${why}`, {
      hint: "An address looks like s3://bucket?endpoint=https://s3.example.com",
    });
  if (url?.protocol !== "s3:" || url.hostname === "") throw refuse("it is no s3:// address of a bucket");
  if (url.username !== "" || url.password !== "")
    throw refuse("keys come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, not from the address");
  const unknown = [...url.searchParams.keys()].find((name) => !OPTIONS.has(name));
  if (unknown !== undefined) throw refuse(`it has no option "${unknown}"`);
  const flag = (name: string, otherwise: boolean): boolean => {
    const value = url.searchParams.get(name);
    if (value === null) return otherwise;
    if (value !== "true" && value !== "false") throw refuse(`${name} is "${value}", want true or false`);
    return value === "true";
  };
  const endpoint = url.searchParams.get("endpoint");
  if (endpoint !== null && !/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : ""))
    throw refuse("its endpoint is no http address");
  const folder = url.pathname.replaceAll(/^\/+|\/+$/g, "");
  return {
    bucket: url.hostname,
    prefix: folder === "" ? "" : `${folder}/`,
    ...(endpoint === null ? {} : { endpoint }),
    region: url.searchParams.get("region") ?? process.env["AWS_REGION"] ?? "us-east-1",
    isPathStyle: flag("path-style", endpoint !== null),
    isConditional: flag("conditional", true),
  };
}
