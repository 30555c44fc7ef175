import { type Digest, sha256 } from "@graft/digest";

/** Digest of which matrices a base has, whatever their values are: bases with one layout differ in their training alone. The orientation does not count. */
export async function layoutOf(
  matrices: readonly { readonly module: string; readonly rows: number; readonly columns: number }[],
): Promise<Digest> {
  const lines = matrices.map(({ module, rows, columns }) => `${module} ${Math.min(rows, columns)} ${Math.max(rows, columns)}\n`);
  return sha256(new TextEncoder().encode(lines.toSorted().join("")));
}
