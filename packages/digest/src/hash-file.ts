import { createReadStream } from "node:fs";
import { GraftError } from "@graft/error";
import { createHasher } from "./platform-node.ts";
import { formatDigest, type Digest } from "./text.ts";

/** Digest and size in bytes of a file, read once; FILE_NOT_FOUND when it cannot be read. */
export async function hashFile(path: string): Promise<{ digest: Digest; size: number }> {
  const hasher = await createHasher();
  let size = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>) {
      hasher.update(chunk);
      size += chunk.length;
    }
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new GraftError("FILE_NOT_FOUND", `Cannot read "${path}": ${reason === "ENOENT" ? "it does not exist" : reason}`, { cause });
  }
  return { digest: formatDigest(hasher.digest()), size };
}
