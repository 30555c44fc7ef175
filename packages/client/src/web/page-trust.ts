import { StoredRegistry } from "../trust/stored-registry.ts";
import { laterOf, type TrustStore } from "../trust/trust-store.ts";
import type { PageDocuments } from "./page-documents.ts";

/** What an origin's pages remember of registries: their keys, pinned on first use, and the largest log that each showed. */
export function pageTrust(documents: PageDocuments): TrustStore {
  const read: TrustStore["read"] = async (registry) => StoredRegistry.safeParse(await documents.read(`registry ${registry}`)).data;
  return {
    place: "the storage of this site",
    read,
    write: (registry, known) =>
      navigator.locks.request(`graft registry ${registry}`, async () => {
        await documents.write(`registry ${registry}`, laterOf(await read(registry), known));
      }),
  };
}
