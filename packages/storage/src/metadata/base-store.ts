import type { Digest } from "@graft/digest";
import type { AuditEntry } from "./audit-store.ts";
import type { Page } from "./page.ts";

/** What a base was made from, by what, and how far it is from it. */
export interface StoredDerivation {
  readonly base: Digest;
  readonly tool: string;
  readonly difference: { readonly metric: string; readonly value: number };
}

/** A base in a list. */
export interface StoredBaseSummary {
  readonly name: string;
  readonly revision?: string | undefined;
  readonly family?: string | undefined;
  readonly license?: string | undefined;
  readonly derivedFrom?: StoredDerivation | undefined;
  /** Digest of the modules and shapes of its matrices, whatever their values are. */
  readonly layout?: Digest | undefined;
  readonly fingerprint: Digest;
  readonly matrixCount: number;
  readonly registeredAt: string;
  readonly registeredBy: string;
}

/** One matrix of a base; `norm` is its Frobenius norm. */
export interface StoredMatrix {
  readonly module: string;
  readonly digest: Digest;
  readonly rows: number;
  readonly columns: number;
  readonly norm: number;
}

/** A base with all that adapters are checked against. */
export interface StoredBase extends Omit<StoredBaseSummary, "matrixCount"> {
  readonly source?: string | undefined;
  readonly matrices: readonly StoredMatrix[];
  readonly files: readonly { readonly name: string; readonly digest: Digest; readonly size: number }[];
  readonly tokenizer?: Digest | undefined;
}

/** Bases by fingerprint. */
export interface BaseStore {
  /** Adds a base, or the files that a known one does not have yet. */
  put(base: StoredBase, entry?: AuditEntry): Promise<"created" | "exists" | "extended">;
  get(fingerprint: Digest): Promise<StoredBase | undefined>;
  summary(fingerprint: Digest): Promise<StoredBaseSummary | undefined>;
  /** By name, then fingerprint; `after` is the fingerprint of the last one. */
  list(query: Page & { readonly name?: string | undefined }): Promise<StoredBaseSummary[]>;
  /** Bases that were made from this one, oldest first. */
  variants(fingerprint: Digest, limit: number): Promise<StoredBaseSummary[]>;
  withFile(digest: Digest): Promise<(StoredBaseSummary & { readonly file: string })[]>;
}
