import { nextVersion } from "@graft/format";

/** What a client that names no version publishes as: the patch after the highest of a name, or 1.0.0. */
export function nextNumber(numbers: readonly string[]): string {
  const [highest] = numbers;
  return highest === undefined ? "1.0.0" : nextVersion(highest, "patch");
}
