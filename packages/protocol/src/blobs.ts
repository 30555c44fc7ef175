import { z } from "zod";
import { LIMITS } from "./limits.ts";
import { Digest, Size } from "./primitives.ts";

/** 201 `stored`, or 200 `exists` when the bytes were there already. `verified`: hashed as they were `received`, or `read` back whole from the store. */
export const BlobStored = z
  .object({ status: z.enum(["stored", "exists"]), digest: Digest, size: Size, verified: z.enum(["received", "read"]).optional() })
  .meta({ id: "BlobStored" });
export type BlobStored = z.infer<typeof BlobStored>;

/** Begins an upload straight into the store, or goes on with it. */
export const DirectUploadRequest = z.strictObject({ size: z.int().min(1).max(LIMITS.blobBytes) }).meta({ id: "DirectUploadRequest" });
export type DirectUploadRequest = z.infer<typeof DirectUploadRequest>;

/** Where each part goes: `PUT` its bytes to its address, and nothing else; a part without an address is there already. */
export const DirectUpload = z
  .object({
    parts: z.array(z.object({ number: z.int().min(1), offset: Size, size: Size, address: z.url().optional() })).max(LIMITS.parts),
  })
  .meta({ id: "DirectUpload" });
export type DirectUpload = z.infer<typeof DirectUpload>;

/** Query of a read: `direct=1` lets the registry answer with the address of the bytes. */
export const BlobQuery = z.object({ direct: z.literal("1").optional() });

/** Name of the header in which a server says how many bytes of an interrupted upload it kept. */
export const UPLOAD_OFFSET = "upload-offset";

/** Name of the header in which a server says that uploads go straight into its store. */
export const UPLOAD_DIRECT = "upload-direct";
