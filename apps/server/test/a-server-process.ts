import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const MAIN = new URL("../src/main.ts", import.meta.url).pathname;

/** A server in a process of its own. */
export interface ServerProcess {
  readonly url: string;
  readonly child: ChildProcess;
}

/** Starts a server over a data folder on a free port; `environment` holds further settings. */
export async function startProcess(data: string, environment: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const child = spawn(process.execPath, ["--conditions=@graft/source", MAIN], {
    env: { ...process.env, GRAFT_PORT: "0", GRAFT_DATA: data, GRAFT_LOG_LEVEL: "silent", ...environment },
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (child.stderr === null) throw new Error("no standard error");
  const output: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    output.push(line);
    const url = /^Registry at (\S+)/.exec(line)?.[1];
    if (url !== undefined) return { url, child };
  }
  throw new Error(`the server did not start: ${output.join("\n")}`);
}

/** Ends a server with a signal, and waits until it is gone. */
export async function endProcess({ child }: ServerProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}
