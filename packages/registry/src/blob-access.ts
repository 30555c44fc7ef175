import type { Digest } from "@graft/digest";
import { EVERYTHING, STRANGER } from "@graft/storage";
import { may } from "./authorize.ts";
import { viewerOf, type Caller } from "./caller.ts";
import type { RegistryParts } from "./context.ts";

/** Who may read a blob: everybody, or this caller; it is `unnamed` while no version names it, and `hidden` when only versions that the caller may not see do, or staged ones that it may not publish. */
export type BlobAccess = "everybody" | "caller" | "unnamed" | "hidden";

/** Looks up who may read the bytes of a digest: those who may see a version that names it. */
export async function blobAccess(
  { metadata }: Pick<RegistryParts, "metadata">,
  { digest, caller }: { digest: Digest; caller: Caller | undefined },
): Promise<BlobAccess> {
  const isNamedFor = async (viewer: Parameters<typeof metadata.seenBy>[0]) => metadata.seenBy(viewer).lookups.needs(digest);
  if (await isNamedFor(STRANGER)) return "everybody";
  if (await isNamedFor(viewerOf(caller))) return "caller";
  if (await isNamedFor(EVERYTHING)) return "hidden";
  const staged = await metadata.staged.namesWith(digest);
  return staged.length === 0 || (caller !== undefined && staged.some((name) => may(caller, "publish", name))) ? "unnamed" : "hidden";
}
