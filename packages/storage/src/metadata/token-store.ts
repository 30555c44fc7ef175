import type { AuditEntry } from "./audit-store.ts";
import type { Page } from "./page.ts";

/** What is kept of a token. `hash` is the sha256 of its text in hex. */
export interface StoredToken {
  readonly id: string;
  readonly hash: string;
  readonly label: string;
  readonly names: readonly string[];
  readonly actions: readonly string[];
  /** Whose it is: it never may more than this account may now. Without one it is the registry's own. */
  readonly user?: string | undefined;
  /** Ranges of addresses that may use it (CIDR); any when left out. */
  readonly addresses?: readonly string[] | undefined;
  readonly createdAt: string;
  readonly expiresAt?: string | undefined;
  /** Last use, up to a minute behind. */
  readonly usedAt?: string | undefined;
}

/** Tokens by the hash of their text. */
export interface TokenStore {
  /** A token whose hash is there already stays as it is. */
  insert(token: StoredToken, entry?: AuditEntry): Promise<void>;
  withHash(hash: string): Promise<StoredToken | undefined>;
  get(id: string): Promise<StoredToken | undefined>;
  /** Oldest first; `after` is an id. With `user`, those of an account. */
  list(query: Page & { readonly user?: string | undefined }): Promise<StoredToken[]>;
  /** Whether there was one. */
  delete(id: string, entry?: AuditEntry): Promise<boolean>;
  /** Notes when tokens were used, many at once. Not durable at once: a power cut may lose it. */
  used(times: ReadonlyMap<string, string>): Promise<void>;
  count(): Promise<number>;
}
