import { z } from "zod";
import { LIMITS } from "./limits.ts";
import { Digest, Instant, PageQuery, Size } from "./primitives.ts";

/** One matrix that counts for the fingerprint. The digest is the same in both orientations, so rows and columns may be exchanged. `norm` is its Frobenius norm. */
export const BaseMatrix = z
  .strictObject({
    module: z.string().min(1).max(256),
    digest: Digest,
    rows: z.int().min(1),
    columns: z.int().min(1),
    norm: z.number().min(0),
  })
  .meta({ id: "BaseMatrix" });
export type BaseMatrix = z.infer<typeof BaseMatrix>;

/** One file of weights that a base is known to come in. */
export const BaseFile = z.strictObject({ name: z.string().min(1).max(256), digest: Digest, size: Size }).meta({ id: "BaseFile" });
export type BaseFile = z.infer<typeof BaseFile>;

/** That a base was made from another: quantised, pruned or fused, so that adapters of the one may be used with the other, knowingly. */
export const DerivedFrom = z
  .strictObject({
    /** Fingerprint of the base it was made from. */
    base: Digest,
    /** What made it, such as "onnxruntime 1.30 quantize_dynamic". */
    tool: z.string().min(1).max(200),
    /** How far it is from the original: `weights` is ‖W' − W‖ / ‖W‖ over all matrices. Measured by whoever registers it. */
    difference: z.strictObject({ metric: z.string().min(1).max(64), value: z.number().min(0) }),
  })
  .meta({ id: "DerivedFrom" });
export type DerivedFrom = z.infer<typeof DerivedFrom>;

/** What a registry must know of a base to check adapters against it; never its bytes. The fingerprint follows from the matrices and is computed again. */
export const BaseDocument = z
  .strictObject({
    name: z.string().min(1).max(200),
    revision: z.string().min(1).max(200).optional(),
    family: z.string().min(1).max(64).optional(),
    /** Where it comes from: an address, or an id on the Hub. */
    source: z.string().min(1).max(500).optional(),
    /** SPDX identifier. */
    license: z.string().min(1).max(200).optional(),
    derivedFrom: DerivedFrom.optional(),
    fingerprint: Digest,
    matrices: z.array(BaseMatrix).min(1).max(LIMITS.matrices),
    files: z.array(BaseFile).max(LIMITS.files),
    tokenizer: Digest.optional(),
  })
  .meta({ id: "BaseDocument" });
export type BaseDocument = z.infer<typeof BaseDocument>;

/** A base in a list: counts in place of the matrices. */
export const BaseSummary = z
  .object({
    name: z.string(),
    revision: z.string().optional(),
    family: z.string().optional(),
    fingerprint: Digest,
    license: z.string().optional(),
    derivedFrom: DerivedFrom.optional(),
    matrixCount: z.int(),
    registeredAt: Instant,
  })
  .meta({ id: "BaseSummary" });
export type BaseSummary = z.infer<typeof BaseSummary>;

/** A base as a registry gives it back, with the bases that were made from it, at most 100. */
export const BaseRecord = BaseDocument.extend({ registeredAt: Instant, variants: z.array(BaseSummary) }).meta({ id: "BaseRecord" });
export type BaseRecord = z.infer<typeof BaseRecord>;

/** Whether a registration was new (201), known already (200), or added files to a known base (200). */
export const BaseRegistered = z
  .object({ status: z.enum(["created", "exists", "extended"]), base: BaseSummary })
  .meta({ id: "BaseRegistered" });
export type BaseRegistered = z.infer<typeof BaseRegistered>;

/** A page of bases, by name. */
export const BaseList = z.object({ bases: z.array(BaseSummary), next: z.string().optional() }).meta({ id: "BaseList" });
export type BaseList = z.infer<typeof BaseList>;

/** Which bases to list: all, or those of one name. */
export const BaseQuery = PageQuery.extend({ name: z.string().max(200).optional() });
export type BaseQuery = z.infer<typeof BaseQuery>;
