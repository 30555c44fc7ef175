import { randomBytes } from "node:crypto";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { digestBytes, hex, isDigest, type Digest } from "@graft/digest";
import { fileError, syncFolder } from "@graft/files";
import type { BlobPut, BlobStore, BlobUpload, ListedBlob, StoredBlob } from "./blob-store.ts";
import { openFileBlob } from "./file-blob.ts";
import { receiveBlob } from "./receive-blob.ts";
import { makeFolder } from "./make-folder.ts";

/**
 * Blobs as files: `<root>/sha256/ab/abcd…` holds a blob, `<root>/uploads/` what is on its way.
 * Several processes may share a root: every upload writes to a file of its own, and a rename makes it a blob.
 */
export async function openFileBlobStore(root: string): Promise<BlobStore> {
  const uploads = join(root, "uploads");
  await makeFolder(uploads);
  await makeFolder(join(root, "sha256"));

  const pathOf = (digest: Digest): string => {
    const name = hex(digestBytes(digest));
    return join(root, "sha256", name.slice(0, 2), name);
  };
  const keptPath = (digest: Digest, owner: string): string => {
    const safeOwner = hex(new TextEncoder().encode(owner)).slice(0, 64);
    return join(uploads, `${hex(digestBytes(digest))}.${safeOwner}.kept`);
  };
  const sizeOf = async (path: string): Promise<number | undefined> => {
    try {
      return (await stat(path)).size;
    } catch (cause) {
      if (isAbsent(cause)) return undefined;
      throw fileError(cause, `read "${path}"`);
    }
  };

  return {
    size: (digest) => sizeOf(pathOf(digest)),
    open: async (digest): Promise<StoredBlob | undefined> => {
      try {
        return await openFileBlob(pathOf(digest));
      } catch (cause) {
        if (isAbsent(cause)) return undefined;
        throw fileError(cause, `open the blob ${digest}`);
      }
    },
    uploadOffset: async (digest, owner) => (await sizeOf(keptPath(digest, owner))) ?? 0,
    put: async (digest, upload: BlobUpload): Promise<BlobPut> => {
      const target = pathOf(digest);
      const known = upload.afresh === true ? undefined : await sizeOf(target);
      if (known !== undefined) {
        // Read to the end, or a sender that is still writing sees a broken connection.
        for await (const _ of upload.bytes);
        return { status: "exists", size: known };
      }
      const temporary = join(uploads, `${randomBytes(12).toString("hex")}.part`);
      const size = await receiveBlob(digest, upload, { temporary, kept: keptPath(digest, upload.owner) });
      try {
        const folder = join(target, "..");
        await makeFolder(folder);
        await rename(temporary, target);
        await syncFolder(folder);
      } catch (cause) {
        await rm(temporary, { force: true });
        throw fileError(cause, `store the blob ${digest}`);
      }
      return { status: "stored", size };
    },
    list: () => listed(join(root, "sha256")),
    delete: async (digest) => {
      await rm(pathOf(digest), { force: true });
    },
    sweepUploads: async (before) => {
      let swept = 0;
      for (const name of await readdir(uploads)) {
        const path = join(uploads, name);
        const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
        if (mtimeMs >= before) continue;
        await rm(path, { force: true });
        swept += 1;
      }
      return swept;
    },
  };
}

async function* listed(folder: string): AsyncGenerator<ListedBlob> {
  for (const shelf of (await readdir(folder)).toSorted()) {
    for (const name of (await readdir(join(folder, shelf))).toSorted()) {
      const digest = `sha256:${name}`;
      const found = isDigest(digest) ? await stat(join(folder, shelf, name)).catch(() => undefined) : undefined;
      if (isDigest(digest) && found !== undefined) yield { digest, size: found.size, storedAt: found.mtimeMs };
    }
  }
}

function isAbsent(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR");
}
