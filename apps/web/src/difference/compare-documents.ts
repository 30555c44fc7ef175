/** One place where two documents differ; a side that lacks it is undefined. */
export interface Change {
  /** Keys from the root, joined by a dot; places of lists that changed alike are one, written `*`. */
  readonly path: string;
  /** In how many places of lists. */
  readonly count: number;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Where two JSON documents differ, leaf by leaf, in the order of their paths. */
export function compareDocuments(before: unknown, after: unknown): Change[] {
  const [left, right] = [leaves(before), leaves(after)];
  const changes = new Map<string, Change>();
  for (const path of [...new Set([...left.keys(), ...right.keys()])].toSorted()) {
    const [one, other] = [left.get(path), right.get(path)];
    if (one === other) continue;
    const alike = path.replaceAll(/(^|\.)\d+(?=\.|$)/g, "$1*");
    const key = JSON.stringify([alike, one, other]);
    changes.set(key, { path: alike, count: (changes.get(key)?.count ?? 0) + 1, before: one, after: other });
  }
  return [...changes.values()];
}

function leaves(value: unknown, path = "", found = new Map<string, string>()): Map<string, string> {
  if (value === undefined) return found;
  if (typeof value !== "object" || value === null) return found.set(path, String(value));
  for (const [key, inner] of Object.entries(value)) leaves(inner, path === "" ? key : `${path}.${key}`, found);
  return found;
}
