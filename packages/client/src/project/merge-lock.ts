import { compareVersions } from "@graft/format";
import { type LockFile, sorted } from "./lock-file.ts";

const OURS = /^<{7}(?: .*)?$/;
const COMMON = /^\|{7}(?: .*)?$/;
const SPLIT = /^={7}$/;
const THEIRS = /^>{7}(?: .*)?$/;

/** The two texts that git could not merge, from the one with its marks; undefined where there are none. */
export function conflictSides(text: string): { ours: string; theirs: string } | undefined {
  const lines = text.split(/\r?\n/);
  if (!lines.some((line) => OURS.test(line))) return undefined;
  const sides = { ours: [] as string[], theirs: [] as string[] };
  let within: "both" | "ours" | "common" | "theirs" = "both";
  for (const line of lines) {
    if (within === "both" && OURS.test(line)) within = "ours";
    else if (within === "ours" && COMMON.test(line)) within = "common";
    else if ((within === "ours" || within === "common") && SPLIT.test(line)) within = "theirs";
    else if (within === "theirs" && THEIRS.test(line)) within = "both";
    else {
      if (within === "both" || within === "ours") sides.ours.push(line);
      if (within === "both" || within === "theirs") sides.theirs.push(line);
    }
  }
  return within === "both" ? { ours: sides.ours.join("\n"), theirs: sides.theirs.join("\n") } : undefined;
}

/** What both sides pin; where they differ, the higher version. Installing then drops what graft.json does not ask for. */
export function mergeLocks(ours: LockFile, theirs: LockFile): LockFile {
  const adapters = { ...ours.adapters };
  for (const [name, entry] of Object.entries(theirs.adapters)) {
    const own = adapters[name];
    if (own === undefined || compareVersions(entry.version, own.version) > 0) adapters[name] = entry;
  }
  return {
    lockVersion: 1,
    registries: sorted(Object.entries({ ...theirs.registries, ...ours.registries })),
    adapters: sorted(Object.entries(adapters)),
  };
}
