import { spawn, spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { existsSync } from "node:fs";

/** How a command ended, and what it printed. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Nothing of the test runner's own, and no source conditions: what a person's shell has. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(GRAFT_|VITEST|NODE_OPTIONS$|npm_)/.test(name)));

/** Runs a command to its end in a folder. */
export function command(file: string, args: readonly string[], cwd: string): Promise<Ended> {
  const noProxy = [process.env["NO_PROXY"], "127.0.0.1"].filter(Boolean).join(",");
  const child = spawn(file, args, {
    cwd,
    env: { ...environment, NO_PROXY: noProxy, no_proxy: noProxy },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

/** Runs a command that must succeed and gives what it prints. */
export async function succeed(file: string, args: readonly string[], cwd: string): Promise<string> {
  const { status, stdout, stderr } = await command(file, args, cwd);
  if (status !== 0) throw new Error(`${file} ${args.join(" ")} ended with ${status}: ${stdout}${stderr}`);
  return stdout;
}

/** Whether a program is on the PATH. */
export function isThere(name: string): boolean {
  return spawnSync(name, ["--version"]).status === 0;
}

/** A Node on the PATH that is older than Graft needs. */
export function olderNode(): string | undefined {
  const files = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "node"));
  return files.find((file) => {
    if (!existsSync(file)) return false;
    const [major = 0, minor = 0] = spawnSync(file, ["-p", "process.versions.node"], { encoding: "utf8" }).stdout.split(".").map(Number);
    return major < 22 || (major === 22 && minor < 18);
  });
}
