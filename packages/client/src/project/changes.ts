import { type LockFile, sorted } from "./lock-file.ts";

/** An adapter that was added (no `from`), removed (no `to`), or pinned at another version. */
export interface LockChange {
  readonly name: string;
  readonly from?: string;
  readonly to?: string;
}

/** What is different between two locks, by name. */
export function changesBetween(before: LockFile, after: LockFile): LockChange[] {
  const names = Object.keys(sorted(Object.entries({ ...before.adapters, ...after.adapters })));
  return names.flatMap((name) => {
    const [from, to] = [before.adapters[name], after.adapters[name]];
    if (from?.digest === to?.digest) return [];
    return [{ name, ...(from === undefined ? {} : { from: from.version }), ...(to === undefined ? {} : { to: to.version }) }];
  });
}
