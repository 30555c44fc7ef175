import { readFile as readWhole } from "node:fs/promises";
import type { Digest } from "@graft/digest";
import { hashFile } from "@graft/digest/node";
import { GraftError } from "@graft/error";

/** Reads a file of this machine; FILE_NOT_FOUND. */
export async function readFile(path: string): Promise<Uint8Array> {
  return readWhole(path).catch((cause: NodeJS.ErrnoException) => {
    throw new GraftError("FILE_NOT_FOUND", `Cannot read "${path}": ${cause.code === "ENOENT" ? "it does not exist" : cause.message}`, {
      cause,
    });
  });
}

/** Digest of a file of this machine; FILE_NOT_FOUND. */
export async function fileDigest(path: string): Promise<Digest> {
  return (await hashFile(path)).digest;
}
