import type { Readings } from "@graft/storage";
import { viewerOf, type Caller } from "./caller.ts";
import type { RegistryParts } from "./context.ts";

/** What the sender of a request may see of adapters; every route that reads them goes through here. */
export function readingsFor({ metadata }: Pick<RegistryParts, "metadata">, context: { get(key: "caller"): Caller | undefined }): Readings {
  return metadata.seenBy(viewerOf(context.get("caller")));
}
