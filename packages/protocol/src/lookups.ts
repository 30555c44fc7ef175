import { z } from "zod";
import { BaseSummary } from "./bases.ts";
import { LIMITS } from "./limits.ts";
import { Digest } from "./primitives.ts";
import { VersionSummary } from "./versions.ts";

/** What is known of the base at hand: the more, the more is found. At least one must be given. */
export const FindRequest = z
  .strictObject({
    /** sha256 of a weight file: the fast path, no need to open it. */
    fileDigest: Digest.optional(),
    fingerprint: Digest.optional(),
    /** Matrix digests of the model: finds adapters that fit a part of a base, too. */
    matrices: z.array(Digest).max(LIMITS.matrices).optional(),
    /** Modules and shapes of the model: finds bases that were only trained otherwise. */
    layout: Digest.optional(),
    limit: z.int().min(1).max(LIMITS.pageSize).default(LIMITS.pageSizeDefault),
    cursor: z.string().max(LIMITS.cursorLength).optional(),
  })
  .refine((request) => request.fileDigest !== undefined || request.fingerprint !== undefined || request.matrices !== undefined, {
    message: "want fileDigest, fingerprint or matrices",
  })
  .meta({ id: "FindRequest" });
export type FindRequest = z.input<typeof FindRequest>;

/** How an adapter fits, best first: this very file, the same base, all targets there, the base that this one was made from, or only some targets. */
export const Fit = z.enum(["file", "fingerprint", "targets", "variant", "partial"]);
export type Fit = z.infer<typeof Fit>;

/** The newest version of an adapter that fits. */
export const Match = VersionSummary.extend({
  description: z.string().optional(),
  method: z.string(),
  task: z.string(),
  fit: Fit,
  /** Targets of the adapter, and how many of them the model has. */
  targets: z.int(),
  present: z.int(),
  /** Modules whose weights differ or are absent, at most 20. */
  missing: z.array(z.string()),
}).meta({ id: "Match" });
export type Match = z.infer<typeof Match>;

/** A base with the same modules and shapes and other weights, and how many adapters it has: none of them fits. */
export const SimilarBase = BaseSummary.extend({ adapterCount: z.int() }).meta({ id: "SimilarBase" });
export type SimilarBase = z.infer<typeof SimilarBase>;

/** What fits; `base` is the registered base that the request was recognised as. `similar` says on the first page what does not fit, and why. */
export const FindResponse = z
  .object({ base: BaseSummary.optional(), matches: z.array(Match), similar: z.array(SimilarBase), next: z.string().optional() })
  .meta({ id: "FindResponse" });
export type FindResponse = z.infer<typeof FindResponse>;

/** What carries a digest: versions (whole file, or tensors alone), and bases (one of their files). */
export const DigestRecord = z
  .object({
    digest: Digest,
    versions: z.array(VersionSummary.extend({ of: z.enum(["file", "tensors"]) })),
    bases: z.array(BaseSummary.extend({ file: z.string() })),
  })
  .meta({ id: "DigestRecord" });
export type DigestRecord = z.infer<typeof DigestRecord>;
