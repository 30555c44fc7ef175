import type { Digest } from "@graft/digest";
import type { Page } from "./page.ts";

/** A base in a list. */
export interface StoredBaseSummary {
  readonly name: string;
  readonly revision?: string | undefined;
  readonly family?: string | undefined;
  readonly fingerprint: Digest;
  readonly matrixCount: number;
  readonly registeredAt: string;
  readonly registeredBy: string;
}

/** A base with all that adapters are checked against. */
export interface StoredBase extends Omit<StoredBaseSummary, "matrixCount"> {
  readonly matrices: readonly { readonly module: string; readonly digest: Digest; readonly rows: number; readonly columns: number }[];
  readonly files: readonly { readonly name: string; readonly digest: Digest; readonly size: number }[];
  readonly tokenizer?: Digest | undefined;
}

/** Bases by fingerprint. */
export interface BaseStore {
  /** Adds a base, or the files that a known one does not have yet. */
  put(base: StoredBase): Promise<"created" | "exists" | "extended">;
  get(fingerprint: Digest): Promise<StoredBase | undefined>;
  summary(fingerprint: Digest): Promise<StoredBaseSummary | undefined>;
  /** By name, then fingerprint; `after` is the fingerprint of the last one. */
  list(query: Page & { readonly name?: string | undefined }): Promise<StoredBaseSummary[]>;
  withFile(digest: Digest): Promise<(StoredBaseSummary & { readonly file: string })[]>;
}
