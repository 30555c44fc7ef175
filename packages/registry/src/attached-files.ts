import { GraftError } from "@graft/error";
import { ATTACHMENTS } from "@graft/format";
import type { PublishRequest } from "@graft/protocol";
import type { StoredFile } from "@graft/storage";
import { blobAccess } from "./blob-access.ts";
import type { Caller } from "./caller.ts";
import type { RegistryParts } from "./context.ts";

/** Reads the files that stand beside an adapter and checks what each must be; gives them by path. */
export async function attachedFiles(
  parts: RegistryParts,
  { caller, files = [] }: { caller: Caller | undefined; files: PublishRequest["files"] },
): Promise<StoredFile[]> {
  for (const file of files) await checkFile(parts, { caller, file });
  return files.toSorted((left, right) => (left.path < right.path ? -1 : 1));
}

async function checkFile(
  parts: RegistryParts,
  { caller, file: { path, digest, size } }: { caller: Caller | undefined; file: NonNullable<PublishRequest["files"]>[number] },
): Promise<void> {
  const isHidden = (await blobAccess(parts, { digest, caller })) === "hidden";
  const blob = isHidden ? undefined : await parts.blobs.open(digest);
  if (blob === undefined)
    throw new GraftError("NOT_FOUND", `Cannot publish: the registry has no blob ${digest}, which is to be ${path}`, {
      hint: "Upload the bytes first",
    });
  try {
    if (blob.size !== size)
      throw new GraftError("DIGEST_MISMATCH", `Cannot publish: ${path} has ${blob.size} bytes, the request says ${size}`, {
        detail: { path },
      });
    // Larger ones are refused by their size before they are read.
    ATTACHMENTS[path](await blob.read(0, Math.min(blob.size, MOST)));
  } finally {
    await blob.close();
  }
}

/** More than any file beside an adapter may have. */
const MOST = 2 ** 20;
