/** One row per change; `text` is what is hashed. */
interface LogEntryTable {
  position: number;
  kind: string;
  name: string | null;
  version: string | null;
  text: string;
  salt: string | null;
}

/** The one row that every append changes, so that entries come one after the other. `key` is the id of the key that signs now. */
interface LogStateTable {
  id: number;
  size: number;
  key: string | null;
}

/** Roots of full subtrees. */
interface LogRootTable {
  level: number;
  position: number;
  root: string;
}

/** Keys that sign for the registry. */
export interface SigningKeyTable {
  number: number;
  id: string;
  key: string;
  created_at: string;
  rotation: string | null;
}

/** Tables of the log. */
export interface LogTables {
  log_entries: LogEntryTable;
  log_state: LogStateTable;
  log_roots: LogRootTable;
  signing_keys: SigningKeyTable;
}
