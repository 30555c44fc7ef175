import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Threads for one operator: one per physical core that this process may use. Two threads of one core slow each other down. */
export function physicalParallelism(): number {
  return Math.min(availableParallelism(), physicalCores() ?? Infinity);
}

function physicalCores(): number | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    return countCores(readFileSync("/proc/cpuinfo", "utf8"));
  } catch {
    return undefined;
  }
}

/** Distinct cores in the text of /proc/cpuinfo; undefined where it does not tell them. */
function countCores(text: string): number | undefined {
  const cores = new Set<string>();
  for (const processor of text.split("\n\n")) {
    const core = /^core id\s*: (\d+)$/m.exec(processor)?.[1];
    if (core !== undefined) cores.add(`${/^physical id\s*: (\d+)$/m.exec(processor)?.[1] ?? 0}:${core}`);
  }
  return cores.size === 0 ? undefined : cores.size;
}
