import { spawn } from "node:child_process";
import { once } from "node:events";

/** How a program ended, and what it printed. */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program while the event loop goes on, so that a server of this process can answer it. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly environment?: Readonly<Record<string, string>> },
): Promise<Ended> {
  const child = spawn(program, args, { cwd: options.cwd, env: { ...process.env, ...options.environment } });
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) child[name].on("data", (chunk: Buffer) => (written[name] += chunk.toString()));
  child.stdin.end();
  const [status] = (await once(child, "close")) as [number];
  return { status, ...written };
}
