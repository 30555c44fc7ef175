import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { afterAll } from "vitest";

/** Mounts a small file system over a new folder until the tests of the file end; gives the reason where that cannot be done. */
export function mountTmpfs(path: string, options: string): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "only root on Linux can mount a file system";
  mkdirSync(path, { recursive: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "graft-test", path], { stdio: "pipe" });
  } catch (cause) {
    return `mount failed: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
  afterAll(() => {
    execFileSync("umount", [path]);
  });
  return undefined;
}
