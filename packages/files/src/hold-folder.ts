import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, utimesSync } from "node:fs";
import { link, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { GraftError } from "@graft/error";
import { fileError } from "./file-error.ts";

/** Name of the file that says who holds a folder. */
export const LOCK_FILE = ".lock";
/** Milliseconds between two signs of life, and without one after which a holder on another machine counts as gone. */
const BEAT = 5_000;
const SILENCE = 60_000;

interface Holder {
  readonly host: string;
  readonly pid: number;
  /** When the process began, in the kernel's clock; a number that comes again belongs to another process. */
  readonly started: string;
  /** Tells two holds of one process apart. */
  readonly token: string;
}

/** Makes a folder this process's own until `release` or its end, whichever way it ends. IN_USE when another holds it. */
export async function holdFolder(path: string): Promise<{ release(): Promise<void> }> {
  const lock = join(resolve(path), LOCK_FILE);
  const own: Holder = { host: hostname(), pid: process.pid, started: startOf(process.pid), token: randomBytes(8).toString("hex") };
  try {
    await mkdir(path, { recursive: true });
    while (!(await claim(lock, own))) {
      const holder = await readHolder(lock);
      if (holder === undefined) continue;
      if (await lives(holder, lock)) throw inUse(path, holder);
      await setAside(lock, holder);
    }
  } catch (cause) {
    throw fileError(cause, `use the folder "${path}"`);
  }
  const beat = setInterval(() => touch(lock), BEAT).unref();
  const drop = (): void => rmSync(lock, { force: true });
  process.on("exit", drop);
  return {
    release: async () => {
      clearInterval(beat);
      process.off("exit", drop);
      await rm(lock, { force: true });
    },
  };
}

/** Whether a process that lives holds the folder. */
export async function isHeld(path: string): Promise<boolean> {
  const lock = join(resolve(path), LOCK_FILE);
  try {
    const holder = await readHolder(lock);
    return holder !== undefined && (await lives(holder, lock));
  } catch (cause) {
    throw fileError(cause, `use the folder "${path}"`);
  }
}

/** A link fails where the name is taken, so one of two that try gets it. */
async function claim(lock: string, own: Holder): Promise<boolean> {
  const temporary = `${lock}.${own.token}`;
  await writeFile(temporary, JSON.stringify(own), { flag: "wx" });
  try {
    await link(temporary, lock);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw cause;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function readHolder(lock: string): Promise<Holder | undefined> {
  const text = await readFile(lock, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return undefined;
    throw cause;
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return { host: "", pid: 0, started: "", token: text };
  }
}

async function lives({ host, pid, started }: Holder, lock: string): Promise<boolean> {
  // A lock without a process is what a power cut has left of one.
  if (!(pid > 0)) return false;
  if (host !== hostname())
    return (
      Date.now() -
        (await stat(lock).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        )) <
      SILENCE
    );
  try {
    process.kill(pid, 0);
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
  return startOf(pid) === started;
}

/** Moves the lock of a holder that is gone out of the way; puts it back when another took the folder in between. */
async function setAside(lock: string, gone: Holder): Promise<void> {
  const aside = `${lock}.${randomBytes(8).toString("hex")}`;
  await rename(lock, aside).catch(() => undefined);
  const moved = await readHolder(aside);
  if (moved !== undefined && moved.token !== gone.token) await link(aside, lock).catch(() => undefined);
  await rm(aside, { force: true });
}

function inUse(path: string, { host, pid }: Holder): GraftError {
  return new GraftError("IN_USE", `Cannot use the folder "${path}": process ${pid} on ${host} is using it`, {
    hint: "Wait for it to end, or choose another folder",
    detail: { pid, host },
  });
}

function touch(lock: string): void {
  const now = new Date();
  try {
    utimesSync(lock, now, now);
  } catch {
    // A folder that was removed has no lock to keep fresh.
  }
}

/** The 22nd field of Linux's stat; elsewhere a number of a process is all there is. */
function startOf(pid: number): string {
  try {
    return (
      readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ")[19] ?? ""
    );
  } catch {
    return "";
  }
}
