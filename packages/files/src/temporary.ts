import { rmSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { randomBytes } from "node:crypto";

/** Temporaries that this process is writing now. */
const alive = new Set<string>();

/** Runs `use` with a path beside `path` and removes what is left there: afterwards, or when the process exits in between. */
export async function withTemporary(path: string, use: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = temporaryBeside(path);
  if (alive.size === 0) process.on("exit", removeAlive);
  alive.add(temporary);
  try {
    await use(temporary);
  } finally {
    await rm(temporary, { recursive: true, force: true });
    alive.delete(temporary);
    if (alive.size === 0) process.off("exit", removeAlive);
  }
}

function removeAlive(): void {
  for (const temporary of alive) rmSync(temporary, { recursive: true, force: true });
}

/** A path beside `path` that nobody else uses: a rename inside one folder never crosses file systems. */
export function temporaryBeside(path: string): string {
  // Names are bounded by 255 bytes, so a long one is cut before the suffix.
  const name = Buffer.from(basename(path))
    .subarray(0, 200)
    .toString("latin1")
    .replaceAll(/[^\w.-]/g, "_");
  return join(dirname(path), `.${name}.${process.pid}-${randomBytes(6).toString("hex")}.tmp`);
}

/** Makes the entries of a folder durable; where folders cannot be synced (Windows), the rename alone must do. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
