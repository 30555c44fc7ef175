import { Tag, Version } from "@graft/format";
import { z } from "zod";
import { ErrorBody } from "../error-body.ts";
import { Digest, NamePart } from "../primitives.ts";

/** An answer of JSON. */
export const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { "application/json": { schema } },
});

/** A request's body of JSON. */
export const body = <Schema extends z.ZodType>(schema: Schema) => ({ required: true, content: { "application/json": { schema } } });

/** An answer of bytes. */
export const bytes = (description: string) => ({
  description,
  content: { "application/octet-stream": { schema: z.string().meta({ format: "binary" }) } },
});

/** Every answer that is not listed: an error. */
export const refused = { default: json("Refused: one shape for every error", ErrorBody) };

/** Needs a token (`Authorization: Bearer graft_…`) or the cookie of a session. */
export const security = [{ token: [] as string[] }, { session: [] as string[] }];

/** Path of an adapter. */
export const adapterPath = z.object({ scope: NamePart, name: NamePart });
/** Path of one version of an adapter. */
export const versionPath = adapterPath.extend({ version: Version });
/** Path of a tag of an adapter. */
export const tagPath = adapterPath.extend({ tag: Tag });
/** Path of what a digest names. */
export const digestPath = z.object({ digest: Digest });
