import { DigestText } from "@graft/format";
import { z } from "zod";
import { LIMITS } from "./limits.ts";

/** A sha256 in its written form. */
export const Digest = DigestText.meta({
  id: "Digest",
  pattern: "^sha256:[0-9a-f]{64}$",
  description: "sha256 of bytes",
  example: `sha256:${"0".repeat(64)}`,
});
export type Digest = z.infer<typeof Digest>;

/** One half of `@scope/name`, as it stands in a path: without the `@`. Servers check the whole by `Name` of the format. */
export const NamePart = z
  .string()
  .regex(/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/, "want lower-case letters, digits and single . _ -")
  .max(100);

/** An instant, ISO 8601 in UTC. */
export const Instant = z.iso.datetime().meta({ example: "2026-01-31T12:00:00.000Z" });

/** A count of bytes. */
export const Size = z.int().min(0);

/** What every list takes. Cursors are opaque: give back what the last page gave. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(LIMITS.pageSize).default(LIMITS.pageSizeDefault),
  cursor: z.string().max(LIMITS.cursorLength).optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;
