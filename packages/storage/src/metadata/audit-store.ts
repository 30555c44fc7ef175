import type { Page } from "./page.ts";

/** One change: who did what to what, when, and from where. */
export interface AuditEntry {
  /** Instant, ISO 8601. */
  readonly at: string;
  /** `user:alice`, `token:<id>`, `ci:<repository>`, or `registry`. */
  readonly actor: string;
  /** `scope.create`, `owner.add`, `version.publish`, … */
  readonly action: string;
  /** What was changed: a name, a user, a token's id. */
  readonly subject: string;
  /** The scope whose owners may read the entry; without one only administrators do. */
  readonly scope?: string | undefined;
  /** Address the request came from. */
  readonly address?: string | undefined;
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

/** An entry with its place in the log. */
export interface StoredAuditEntry extends AuditEntry {
  readonly id: number;
}

/** The log of changes. It only grows: the database refuses to change or remove a row. */
export interface AuditStore {
  append(entry: AuditEntry): Promise<void>;
  /** Newest first; `after` is an id. */
  list(query: Page & { readonly scope?: string | undefined }): Promise<StoredAuditEntry[]>;
}
