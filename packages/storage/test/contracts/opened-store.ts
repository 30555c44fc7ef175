import type { MetadataStore } from "@graft/storage";

/** A metadata store that was opened for one test, and how to end it. */
export interface OpenedMetadataStore {
  readonly store: MetadataStore;
  /** A second store over the same data, as another process opens it. */
  readonly again: () => Promise<MetadataStore>;
  readonly close: () => Promise<void>;
}

/** What a contract gets: the store of the test that runs, which holds the base "tiny". */
export type StoreUnderTest = Pick<OpenedMetadataStore, "store" | "again">;
