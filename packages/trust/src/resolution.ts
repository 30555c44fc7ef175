/** What is signed of an answer: which version a tag, a range or a number stood for when the log had so many entries. */
export interface ResolutionStatement {
  readonly kind: "graft-resolution-1";
  readonly name: string;
  /** As it was asked for: `latest`, `^1`, `1.2.0`. */
  readonly wanted: string;
  readonly version: string;
  /** Entries of the log: equal to the size of the tree head that the answer comes with. */
  readonly size: number;
}

/** The statement of an answer. */
export function resolutionStatement({ name, wanted, version, size }: Omit<ResolutionStatement, "kind">): ResolutionStatement {
  return { kind: "graft-resolution-1", name, wanted, version, size };
}
