import type { Digest } from "@graft/digest";
import { STRANGER } from "@graft/storage";
import { may } from "./authorize.ts";
import { viewerOf, type Caller } from "./caller.ts";
import type { RegistryParts } from "./context.ts";

/** Who may read a blob: everybody, or this caller, who may see a version that names it; `uploaded` by this caller, or staged under a name that the caller may publish: it may be named; or it is `hidden`, as if it were not there. */
export type BlobAccess = "everybody" | "caller" | "uploaded" | "hidden";

/** Looks up who may read the bytes of a digest. A digest is no key: only those who may see a version with it, or had all the bytes, may know of it. */
export async function blobAccess(
  { metadata }: Pick<RegistryParts, "metadata">,
  { digest, caller }: { digest: Digest; caller: Caller | undefined },
): Promise<BlobAccess> {
  const isNamedFor = async (viewer: Parameters<typeof metadata.seenBy>[0]) => metadata.seenBy(viewer).lookups.needs(digest);
  if (await isNamedFor(STRANGER)) return "everybody";
  if (caller === undefined) return "hidden";
  if (await isNamedFor(viewerOf(caller))) return "caller";
  if (await metadata.blobs.hasUploaded(digest, caller.id)) return "uploaded";
  return (await metadata.staged.namesWith(digest)).some((name) => may(caller, "publish", name)) ? "uploaded" : "hidden";
}
