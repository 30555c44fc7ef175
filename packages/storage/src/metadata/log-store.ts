/** A change as the log keeps it. `name` is the adapter it is about. */
export interface LogChange {
  readonly kind: "publish" | "tag" | "deprecate" | "withdraw" | "key";
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  /** When, ISO 8601. */
  readonly time: string;
  /** What else the entry says. */
  readonly facts?: Readonly<Record<string, unknown>> | undefined;
}

/** An entry of the log: its JSON text, whose bytes are hashed, and for an adapter that is private a salt of 32 hex digits. */
export interface StoredLogEntry {
  readonly position: number;
  readonly text: string;
  readonly salt?: string | undefined;
}

/** A key that signs for the registry, and the signed change that led to it; the first has none. */
export interface StoredKey {
  /** From 1. */
  readonly number: number;
  readonly id: string;
  readonly key: string;
  readonly createdAt: string;
  /** The signed statement, a JSON text. */
  readonly rotation?: string | undefined;
}

/**
 * The log of changes. Entries are appended in the transaction of the change itself, so a change without an entry, an entry without a
 * change, and a gap do not exist. What is in it may be about private adapters: whoever answers with it looks at who asks.
 */
export interface LogStore {
  /** Count of entries. */
  size(): Promise<number>;
  /** Entries from `begin` to before `end`. */
  entries(range: { readonly begin: number; readonly end: number }): Promise<StoredLogEntry[]>;
  /** The entry that says that a version was published. */
  published(name: string, version: string): Promise<StoredLogEntry | undefined>;
  /** Roots of full subtrees that were kept, hex: `level` 1 of 256 entries each, 2 of 65,536, … Fewer than asked for when some were not kept yet. */
  roots(level: number, range: { readonly begin: number; readonly end: number }): Promise<string[]>;
  /** Keeps the roots of full subtrees; they never change. */
  keepRoots(level: number, roots: readonly { readonly index: number; readonly root: string }[]): Promise<void>;
  /** All keys, the first one first. */
  keys(): Promise<StoredKey[]>;
  /** Makes a key the first one, unless there is one. */
  adoptKey(key: Omit<StoredKey, "number">): Promise<void>;
  /**
   * Makes a key the one that signs from now on, with an entry in the log. `sign` is given the number of the key and the size of the log
   * in the transaction. CONFLICT when another than `previous` signs now.
   */
  rotateKey(
    key: Omit<StoredKey, "number" | "rotation">,
    change: { readonly previous: string; readonly sign: (facts: { number: number; size: number }) => Promise<object> },
  ): Promise<void>;
}
