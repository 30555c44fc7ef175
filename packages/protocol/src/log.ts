import { z } from "zod";
import { Instant } from "./primitives.ts";
import { PublicKey } from "./service.ts";
import { Signature } from "./versions.ts";

/** A node of the log's tree: 32 bytes in base64. */
const NodeHash = z.string().length(44);

/** Nodes of a proof: as many as a tree of 2⁵³ leaves has levels, and one. */
const Nodes = z.array(NodeHash).max(54);

/** The signed tree head: a C2SP checkpoint with a line `time <seconds>`. */
export const Checkpoint = z.string().max(10_000);

/** The proof that the tree goes on from one of `from` entries. */
export const Consistency = z.object({ from: z.int().min(0), hashes: Nodes }).meta({ id: "Consistency" });
export type Consistency = z.infer<typeof Consistency>;

/** A tree head, with the proof that it goes on from the one that the asker remembers. */
export const LogHead = z.object({ checkpoint: Checkpoint, consistency: Consistency.optional() }).meta({ id: "LogHead" });
export type LogHead = z.infer<typeof LogHead>;

/** What a registry signs of an answer, as RFC 8785 JSON: what a tag, a range or a number stood for when the log had `size` entries. */
export const ResolutionStatement = z
  .strictObject({
    kind: z.literal("graft-resolution-1"),
    name: z.string(),
    wanted: z.string(),
    version: z.string(),
    size: z.int().min(0),
  })
  .meta({ id: "ResolutionStatement" });
export type ResolutionStatement = z.infer<typeof ResolutionStatement>;

/** A signed answer to what a tag, a range or a number stands for. */
export const Resolution = z.object({ statement: ResolutionStatement, signatures: z.array(Signature).max(16) }).meta({ id: "Resolution" });
export type Resolution = z.infer<typeof Resolution>;

/** What a mirror keeps its view of. */
export const ResolutionsRequest = z
  .strictObject({ asked: z.array(z.strictObject({ name: z.string().max(214), wanted: z.string().min(1).max(200) })).max(1_000) })
  .meta({ id: "ResolutionsRequest" });
export type ResolutionsRequest = z.infer<typeof ResolutionsRequest>;

/** All of them under one tree head, in the order asked; null where there is nothing (or nothing that the asker may read). */
export const Resolutions = z
  .object({ checkpoint: Checkpoint, resolutions: z.array(Resolution.nullable()).max(1_000) })
  .meta({ id: "Resolutions" });
export type Resolutions = z.infer<typeof Resolutions>;

/** All that proves a version: the tree head, the entry of its publication and its place, and what the tag or range stands for. */
export const VersionProof = LogHead.extend({
  entry: z.object({ position: z.int().min(0), text: z.string().max(65_535), salt: z.string().length(32).optional() }),
  inclusion: Nodes,
  resolution: Resolution.optional(),
}).meta({ id: "VersionProof" });
export type VersionProof = z.infer<typeof VersionProof>;

/** What a registry signs when its key changes, with the old key and with the new one. */
export const RotationStatement = z
  .strictObject({
    kind: z.literal("graft-key-rotation-1"),
    number: z.int().min(2),
    previous: z.strictObject({ id: z.string(), key: z.string() }),
    next: z.strictObject({ id: z.string(), key: z.string() }),
    revoked: z.boolean(),
    size: z.int().min(0),
    time: Instant,
  })
  .meta({ id: "RotationStatement" });
export type RotationStatement = z.infer<typeof RotationStatement>;

/** A change of keys. */
export const Rotation = z.object({ statement: RotationStatement, signatures: z.array(Signature).max(16) }).meta({ id: "Rotation" });
export type Rotation = z.infer<typeof Rotation>;

/** The keys of a registry, the one that signs now first, and the changes that led to it, oldest first. */
export const KeyList = z
  .object({ keys: z.array(PublicKey).min(1).max(1_000), rotations: z.array(Rotation).max(1_000) })
  .meta({ id: "KeyList" });
export type KeyList = z.infer<typeof KeyList>;

/** Entries that the asker's remembered tree has. */
const Since = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional();

/** Query of the tree head. */
export const HeadQuery = z.object({ since: Since });
export type HeadQuery = z.infer<typeof HeadQuery>;

/** Query of a version's proof: the tag, range or number that was asked for, if one was. */
export const ProofQuery = z.object({ wanted: z.string().min(1).max(200).optional(), since: Since });
export type ProofQuery = z.infer<typeof ProofQuery>;
