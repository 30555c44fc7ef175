import type { VersionFile } from "./version-files.ts";
import { GraftError } from "@graft/error";
import type { RegistryParts } from "../context.ts";

/** The bytes of a file of a version, in pieces; a blob is closed however the reading ends. */
export async function* bytesOf({ blobs }: Pick<RegistryParts, "blobs">, file: VersionFile): AsyncGenerator<Uint8Array> {
  if ("content" in file) {
    yield file.content;
    return;
  }
  const blob = await blobs.open(file.blob);
  if (blob === undefined) throw new GraftError("NOT_FOUND", `Cannot find the bytes of ${file.path}`);
  try {
    yield* blob.stream(0, blob.size);
  } finally {
    await blob.close();
  }
}
