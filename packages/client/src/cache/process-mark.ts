import { hostname } from "node:os";

/** The host in the names of files that belong to a process, without the dots that part them. */
const HOST = hostname().replaceAll(/[^\w-]/g, "_");

/** Milliseconds after which a file of a process on another machine is taken to be given up. */
const ABANDONED = 60 * 60 * 1000;

/** `<host>.<pid>`: the part of a file's name that says whose it is. */
export const MARK = `${HOST}.${process.pid}`;

/** Whether the process that a file is named for is over: `mark` is its `<host>.<pid>`, `changed` when the file was, in milliseconds. */
export function isOver(mark: string, changed: number): boolean {
  const [host, pid] = mark.split(".");
  if (host !== HOST) return Date.now() - changed > ABANDONED;
  // A process of the same number may have been here before.
  if (Number(pid) === process.pid) return changed < Date.now() - process.uptime() * 1000;
  return !isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
}
