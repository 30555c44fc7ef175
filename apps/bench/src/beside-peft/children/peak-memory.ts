import { readFileSync } from "node:fs";

/** Highest resident memory of this process so far, in bytes. getrusage would count what the parent had when it forked. */
export function peakMemory(): number {
  return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
}
