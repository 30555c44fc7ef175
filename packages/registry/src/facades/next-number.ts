import { compareVersions, nextVersion } from "@graft/format";

/** What a client that names no version publishes as: the patch after the highest of a name and after one that was taken, or 1.0.0. */
export function nextNumber(numbers: readonly string[], taken?: string): string {
  const highest = [...numbers, ...(taken === undefined ? [] : [taken])].toSorted(compareVersions).at(-1);
  return highest === undefined ? "1.0.0" : nextVersion(highest, "patch");
}
