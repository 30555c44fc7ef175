import type { Page } from "./page.ts";

/** What is kept of a token. `hash` is the sha256 of its text in hex. */
export interface StoredToken {
  readonly id: string;
  readonly hash: string;
  readonly label: string;
  readonly names: readonly string[];
  readonly actions: readonly string[];
  readonly createdAt: string;
  readonly expiresAt?: string | undefined;
}

/** Tokens by the hash of their text. */
export interface TokenStore {
  /** A token whose hash is there already stays as it is. */
  insert(token: StoredToken): Promise<void>;
  withHash(hash: string): Promise<StoredToken | undefined>;
  /** Oldest first; `after` is an id. */
  list(page: Page): Promise<StoredToken[]>;
  /** Whether there was one. */
  delete(id: string): Promise<boolean>;
  count(): Promise<number>;
}
