import { KeyList, Resolution, VersionProof, VersionRecord } from "@graft/protocol";
import { z } from "zod";
import type { MirrorStore } from "./mirror-store.ts";

/** What a mirror shows: one head, and what it stands for under it. */
export const View = z.object({
  checkpoint: z.string(),
  size: z.int().min(0),
  time: z.number(),
  asked: z.array(z.object({ name: z.string(), wanted: z.string(), resolution: Resolution })),
  /** Sizes that were shown before: clients remember them. */
  shown: z.array(z.int()),
});
export type View = z.infer<typeof View>;

/** A version with its place in the log. */
export const HeldVersion = z.object({ record: VersionRecord, entry: VersionProof.shape.entry });
export type HeldVersion = z.infer<typeof HeldVersion>;

const Key = z.object({ id: z.string(), key: z.string() });

/** Whom the mirror trusts, since its first contact. */
export const MirrorTrust = z.object({
  keys: z.object({ origin: z.string(), number: z.int(), current: Key, retired: z.array(Key.extend({ provesBefore: z.int().optional() })) }),
  list: KeyList,
  head: z.object({ size: z.int(), root: z.string() }).optional(),
});
export type MirrorTrust = z.infer<typeof MirrorTrust>;

/** Reads a document of a mirror; undefined where there is none. */
export async function readDocument<Schema extends z.ZodType>(
  store: MirrorStore,
  key: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  const text = await store.read(key);
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}
