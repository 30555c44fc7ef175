import { z } from "zod";

const Key = z.object({ id: z.string(), key: z.string() });

/** A registry as it is kept: `{ "origin": "graft/…", "number": 1, "current": { … }, "retired": [], "head": { … } }`. */
export const StoredRegistry = z.object({
  origin: z.string(),
  number: z.int().min(1),
  current: Key,
  retired: z.array(Key.extend({ provesBefore: z.int().optional() })),
  head: z.object({ size: z.int().min(0), root: z.string(), signedAt: z.iso.datetime() }).optional(),
});
