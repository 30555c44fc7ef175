import { GraftError } from "@graft/error";
import type { Context } from "hono";
import { z } from "zod";

/** What `create_repo` sends, as far as it is looked at. */
export const CreateRequest = z.object({ type: z.string().nullish(), organization: z.string().nullish(), name: z.string() });

/** The files that a commit will have. */
export const PreuploadRequest = z.object({
  files: z.array(z.object({ path: z.string().max(500), size: z.int().min(0) })).max(256),
});

/** Paths to look up. */
export const PathsRequest = z.object({ paths: z.array(z.string().max(500)).max(1_000) });

/** Reads a JSON body against its schema. USAGE. */
export async function readBody<Schema extends z.ZodType>(context: Context, schema: Schema): Promise<z.output<Schema>> {
  const parsed = schema.safeParse(await context.req.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  throw new GraftError("USAGE", `Cannot read the request: ${parsed.error.issues[0]?.message ?? "it is malformed"}`);
}
