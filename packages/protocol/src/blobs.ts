import { z } from "zod";
import { Digest, Size } from "./primitives.ts";

/** 201 `stored`, or 200 `exists` when the bytes were there already. */
export const BlobStored = z.object({ status: z.enum(["stored", "exists"]), digest: Digest, size: Size }).meta({ id: "BlobStored" });
export type BlobStored = z.infer<typeof BlobStored>;

/** Name of the header in which a server says how many bytes of an interrupted upload it kept. */
export const UPLOAD_OFFSET = "upload-offset";
