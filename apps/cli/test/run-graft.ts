import { spawn } from "node:child_process";
import { mkdtempSync, realpathSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** How a command ended, and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is started. */
export interface RunOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Called with all of standard error and output so far, to send a signal at the right moment. */
  readonly watch?: (text: string, process: { kill(signal: NodeJS.Signals): void; closeOutput(): void }) => void;
}

const MAIN = join(import.meta.dirname, "../src/main.ts");

/** A folder that is gone after the tests of the file. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "graft-cli-")));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs the real command in a process of its own, with a home of its own under `home`. */
export function grafter(home: string): (args: readonly string[], options?: RunOptions) => Promise<Ended> {
  const own = { GRAFT_HOME: join(home, "data"), GRAFT_CACHE: join(home, "cache"), GRAFT_CONFIG: join(home, "config.json") };
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^GRAFT_|_proxy$|^VITEST|^NODE_OPTIONS$|^NO_COLOR$/i.test(name)),
  );
  return (args, options = {}) =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, ["--conditions=@graft/source", "--disable-warning=ExperimentalWarning", MAIN, ...args], {
        cwd: options.cwd ?? home,
        env: { ...inherited, ...own, ...options.environment },
      });
      let stdout = "";
      let stderr = "";
      const watched = (): void =>
        options.watch?.(stderr + stdout, { kill: (signal) => child.kill(signal), closeOutput: () => child.stdout.destroy() });
      child.stdout.on("data", (chunk: Buffer) => {
        stdout += chunk.toString();
        watched();
      });
      child.stderr.on("data", (chunk: Buffer) => {
        stderr += chunk.toString();
        watched();
      });
      child.on("error", reject);
      child.on("close", (code) => resolve({ code, stdout, stderr }));
      child.stdin.on("error", () => undefined);
      child.stdin.end(options.input ?? "");
    });
}
