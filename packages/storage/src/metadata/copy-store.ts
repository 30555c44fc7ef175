/** Rows of one table, as the database has them. */
export interface TableRows {
  readonly table: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** All of the metadata at once, to be carried into another database of any kind. */
export interface CopyStore {
  /** Calls `take` with every row, all as of one moment. */
  dump(take: (part: TableRows) => Promise<void>): Promise<void>;
  /** Fills an empty store in one transaction, whole or not at all. CONFLICT when it is not empty. */
  load(give: (put: (part: TableRows) => Promise<void>) => Promise<void>): Promise<void>;
}
