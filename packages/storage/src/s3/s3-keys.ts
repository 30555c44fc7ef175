import { digestBytes, hex, isDigest, sha256, type Digest } from "@graft/digest";

/** What every blob's key begins with: `sha256/ab/abcd…`, as in a folder of files. */
export const BLOBS = "sha256/";

/** What all that is on its way begins with: `uploads/<digest>/<owner>/…`. */
export const UPLOADS = "uploads/";

/** Key of a blob. */
export function blobKey(digest: Digest): string {
  const name = hex(digestBytes(digest));
  return `${BLOBS}${name.slice(0, 2)}/${name}`;
}

/** The digest whose blob has a key. */
export function digestOfKey(key: string): Digest | undefined {
  const digest = `sha256:${key.slice(BLOBS.length + 3)}`;
  return isDigest(digest) ? digest : undefined;
}

/** What the uploads of an owner begin with, whatever the owner is called. */
export async function uploadPrefix(digest: Digest, owner: string): Promise<string> {
  const name = await sha256(new TextEncoder().encode(owner));
  return `${UPLOADS}${hex(digestBytes(digest))}/${name.slice("sha256:".length, "sha256:".length + 32)}/`;
}
