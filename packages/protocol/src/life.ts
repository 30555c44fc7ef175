import { Range } from "@graft/format";
import { z } from "zod";
import { LIMITS } from "./limits.ts";
import { Instant, PageQuery } from "./primitives.ts";
import { Access, DeltaSize, VersionSummary } from "./versions.ts";

/** A message that whoever pulls a version is shown; null takes it back. It may have no hidden characters. */
const Message = z
  .string()
  .min(1)
  .max(LIMITS.messageLength)
  .regex(/^[^\p{Cc}\p{Cf}]*$/u, "the message holds a hidden character");

/** Which versions nobody should use any more, and why. */
export const Deprecation = z.strictObject({ range: Range, message: Message.nullable() }).meta({ id: "Deprecation" });
export type Deprecation = z.infer<typeof Deprecation>;

/** The versions whose message changed. */
export const Deprecated = z.object({ versions: z.array(z.string()) }).meta({ id: "Deprecated" });
export type Deprecated = z.infer<typeof Deprecated>;

/** Why a version is taken back. */
export const WithdrawQuery = z.object({ reason: Message.default("its publisher took it back") });
export type WithdrawQuery = z.infer<typeof WithdrawQuery>;

/** A version that is not there any more; the tags that are left. */
export const Withdrawn = z
  .object({ name: z.string(), version: z.string(), withdrawnAt: Instant, tags: z.record(z.string(), z.string()) })
  .meta({ id: "Withdrawn" });
export type Withdrawn = z.infer<typeof Withdrawn>;

/** A version that was checked and waits for approval. */
export const StagedVersion = VersionSummary.omit({ publishedAt: true, deprecated: true })
  .extend({ tag: z.string().optional(), access: Access.optional(), stagedAt: Instant })
  .meta({ id: "StagedVersion" });
export type StagedVersion = z.infer<typeof StagedVersion>;

/** What was staged, and how large its deltas are. */
export const Staged = z.object({ staged: StagedVersion, deltas: z.array(DeltaSize) }).meta({ id: "Staged" });
export type Staged = z.infer<typeof Staged>;

/** Staged versions of the names that the token may publish. */
export const StagedList = z.object({ staged: z.array(StagedVersion), next: z.string().optional() }).meta({ id: "StagedList" });
export type StagedList = z.infer<typeof StagedList>;

/** Which staged versions to list: all, or those of one name. */
export const StagedQuery = PageQuery.extend({ name: z.string().max(200).optional() });
export type StagedQuery = z.infer<typeof StagedQuery>;
