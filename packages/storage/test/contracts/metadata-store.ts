import { afterEach, beforeEach, describe } from "vitest";
import { aBase } from "./a-version.ts";
import { baseStoreContract } from "./base-store.ts";
import { blobRecordsContract } from "./blob-records.ts";
import { logStoreContract } from "./log-store.ts";
import { lookupStoreContract } from "./lookup-store.ts";
import type { OpenedMetadataStore, StoreUnderTest } from "./opened-store.ts";
import { searchStoreContract } from "./search-store.ts";
import { scopeStoreContract } from "./scope-store.ts";
import { signInStoreContract } from "./sign-in-store.ts";
import { tokenStoreContract } from "./token-store.ts";
import { userStoreContract } from "./user-store.ts";
import { versionLifeContract } from "./version-life.ts";
import { versionStoreContract } from "./version-store.ts";
import { visibilityContract } from "./visibility.ts";

/** One contract per area; a new area is a new row. */
const CONTRACTS: Readonly<Record<string, (opened: StoreUnderTest) => void>> = {
  bases: baseStoreContract,
  versions: versionStoreContract,
  "life of versions": versionLifeContract,
  lookups: lookupStoreContract,
  search: searchStoreContract,
  tokens: tokenStoreContract,
  log: logStoreContract,
  "records of blobs": blobRecordsContract,
  visibility: visibilityContract,
  accounts: userStoreContract,
  "scopes and teams": scopeStoreContract,
  "sign-ins, publishers and changes": signInStoreContract,
};

/** What every metadata store must do, in an empty store each time. */
export function metadataStoreContract(name: string, open: () => Promise<OpenedMetadataStore>): void {
  describe.each(Object.entries(CONTRACTS))(`the contract of metadata stores on ${name}: %s`, (_, contract) => {
    let opened: OpenedMetadataStore;
    beforeEach(async () => {
      opened = await open();
      await opened.store.bases.put(aBase("tiny"));
    });
    afterEach(() => opened.close());
    contract({
      get store() {
        return opened.store;
      },
      again: () => opened.again(),
    });
  });
}
