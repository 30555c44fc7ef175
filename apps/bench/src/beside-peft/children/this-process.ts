import { readFileSync } from "node:fs";

/** Highest resident memory of this process so far, in bytes. getrusage would count what the parent had when it forked. */
export function peakMemory(): number {
  return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
}

/** Seconds since this process was started, its program's loading included. */
export function age(): number {
  const up = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  // Field 22 of proc_pid_stat(5): when the process started, in hundredths of a second since the machine did.
  return (
    up -
    Number(
      readFileSync("/proc/self/stat", "utf8")
        .replace(/^.*\) /s, "")
        .split(" ")[19],
    ) /
      100
  );
}
