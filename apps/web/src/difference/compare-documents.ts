/** One place where two documents differ; a side that lacks it is undefined. */
export interface Change {
  /** Keys from the root, joined by a dot. */
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Where two JSON documents differ, leaf by leaf, in the order of their paths. */
export function compareDocuments(before: unknown, after: unknown): Change[] {
  const [left, right] = [leaves(before), leaves(after)];
  const paths = [...new Set([...left.keys(), ...right.keys()])].toSorted();
  return paths.flatMap((path) => {
    const change = { path, before: left.get(path), after: right.get(path) };
    return change.before === change.after ? [] : [change];
  });
}

function leaves(value: unknown, path = "", found = new Map<string, string>()): Map<string, string> {
  if (typeof value !== "object" || value === null) return found.set(path, String(value));
  for (const [key, inner] of Object.entries(value)) leaves(inner, path === "" ? key : `${path}.${key}`, found);
  return found;
}
