import { Manifest as FormatManifest, Tag, Version } from "@graft/format";
import { z } from "zod";
import { Digest, Instant, PageQuery, Size } from "./primitives.ts";

/** The manifest under a name, so that the published description has it once. */
const Manifest = FormatManifest.meta({ id: "Manifest" });

/** Files that a version may have beside its adapter; no others are taken. */
export const AttachedName = z.enum(["README.md", "evaluation.json"]);
export type AttachedName = z.infer<typeof AttachedName>;

/** A file beside the adapter: bytes that were uploaded under their digest. */
export const AttachedFile = z.strictObject({ path: AttachedName, digest: Digest, size: Size }).meta({ id: "AttachedFile" });
export type AttachedFile = z.infer<typeof AttachedFile>;

/** What a registry signs of a version, as RFC 8785 JSON: it binds a name to bytes, to a base, and to the files beside it. */
export const VersionStatement = z
  .strictObject({
    kind: z.literal("graft-version-1"),
    name: z.string(),
    version: z.string(),
    digest: Digest,
    base: Digest,
    /** Digests of the files beside the adapter, by path; absent when there are none. */
    files: z.record(z.string(), Digest).optional(),
  })
  .meta({ id: "VersionStatement" });
export type VersionStatement = z.infer<typeof VersionStatement>;

/** An Ed25519 signature, base64url, and the id of the key that made it (`GET /v1/keys`). */
export const Signature = z.object({ key: z.string(), signature: z.string() }).meta({ id: "Signature" });
export type Signature = z.infer<typeof Signature>;

/** An author's signature over the same statement, with the public key that it is by: 32 raw bytes in base64url. */
export const AuthorSignature = Signature.extend({ publicKey: z.string().length(43) }).meta({ id: "AuthorSignature" });
export type AuthorSignature = z.infer<typeof AuthorSignature>;

/** Who may read an adapter: everybody, or those who may read its scope; for others a private one is not there. */
export const Access = z.enum(["public", "private"]).meta({ id: "Access" });
export type Access = z.infer<typeof Access>;

/** Who may read an adapter, alone. */
export const AccessRecord = z.strictObject({ access: Access }).meta({ id: "AccessRecord" });
export type AccessRecord = z.infer<typeof AccessRecord>;

/** The small document that makes bytes a version. Everything in it must agree with what stands in the blob. */
export const PublishRequest = z
  .strictObject({
    author: AuthorSignature.optional(),
    digest: Digest,
    size: Size,
    tensorsDigest: Digest,
    manifest: Manifest,
    /** Tag to move; left out, `latest` moves unless the version is a pre-release or older than what `latest` names. */
    tag: Tag.optional(),
    /** Who may read a new adapter: everybody, or those who may read its scope. One that is there keeps what it has. */
    access: Access.optional(),
    /** README and results of an evaluation, uploaded like the adapter. */
    files: z
      .array(AttachedFile)
      .max(AttachedName.options.length)
      .refine((files) => new Set(files.map(({ path }) => path)).size === files.length, "a file is listed twice")
      .optional(),
  })
  .meta({ id: "PublishRequest" });
export type PublishRequest = z.infer<typeof PublishRequest>;

/** A version in a list. */
export const VersionSummary = z
  .object({
    name: z.string(),
    version: z.string(),
    digest: Digest,
    size: Size,
    tensorsDigest: Digest,
    base: Digest,
    publishedAt: Instant,
    /** Why nobody should use it any more. */
    deprecated: z.string().optional(),
  })
  .meta({ id: "VersionSummary" });
export type VersionSummary = z.infer<typeof VersionSummary>;

/** A version with all that is needed to fetch and verify it. */
export const VersionRecord = VersionSummary.extend({
  tags: z.array(z.string()),
  manifest: Manifest,
  files: z.array(AttachedFile),
  statement: VersionStatement,
  /** The registry's first; an author's carries its public key. */
  signatures: z.array(Signature.extend({ publicKey: z.string().optional() })).max(16),
}).meta({ id: "VersionRecord" });
export type VersionRecord = z.infer<typeof VersionRecord>;

/** How large the delta of a target is beside its matrix: ‖ΔW‖ / ‖W‖ by Frobenius norms; an estimate where `isExact` is false. */
export const DeltaSize = z.object({ module: z.string(), ratio: z.number(), isExact: z.boolean() }).meta({ id: "DeltaSize" });
export type DeltaSize = z.infer<typeof DeltaSize>;

/** 201 `created`, with the size of every delta, or 200 `exists` when the same bytes stand there already. */
export const Published = z
  .object({ status: z.enum(["created", "exists"]), version: VersionRecord, deltas: z.array(DeltaSize).optional() })
  .meta({ id: "Published" });
export type Published = z.infer<typeof Published>;

/** An adapter: its tags and a page of its versions, newest first. */
export const AdapterRecord = z
  .object({
    name: z.string(),
    description: z.string().optional(),
    access: Access,
    tags: z.record(z.string(), z.string()),
    versions: z.array(VersionSummary),
    next: z.string().optional(),
  })
  .meta({ id: "AdapterRecord" });
export type AdapterRecord = z.infer<typeof AdapterRecord>;

/** What to resolve: a version, a range such as `^1`, or a tag; `latest` when left out. */
export const ResolveQuery = z.object({ range: z.string().min(1).max(200).default("latest") });
export type ResolveQuery = z.infer<typeof ResolveQuery>;

/** Which version a tag names from now on. */
export const TagRequest = z.strictObject({ version: Version }).meta({ id: "TagRequest" });
export type TagRequest = z.infer<typeof TagRequest>;

/** All tags of an adapter. */
export const TagList = z.object({ tags: z.record(z.string(), z.string()) }).meta({ id: "TagList" });
export type TagList = z.infer<typeof TagList>;

/** Query of the list of versions. */
export const VersionsQuery = PageQuery;
