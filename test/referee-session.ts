import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { referee } from "./referee.ts";

/** A Python program that stays: one JSON request a line, one answer a line. Importing PyTorch takes longest, and is done once. */
export class RefereeSession {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  readonly #waiting: { resolve: (line: string) => void; reject: (cause: Error) => void }[] = [];
  #errors = "";

  /** `script` is a file of test/referee; `environment` is added to this process's. */
  constructor(script: string, environment: Readonly<Record<string, string>> = {}) {
    if (referee === undefined) throw new Error("there is no Python referee");
    this.#child = spawn(referee, [join(import.meta.dirname, "referee", script)], {
      env: { ...process.env, OMP_NUM_THREADS: "1", HF_HUB_OFFLINE: "1", ...environment },
    });
    this.#lines = createInterface(this.#child.stdout);
    this.#lines.on("line", (line) => this.#waiting.shift()?.resolve(line));
    this.#child.stderr.on("data", (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-4_000);
    });
    this.#child.on("close", () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`the referee ended: ${this.#errors}`));
    });
  }

  /** The answer to one request; what went wrong in Python is thrown. */
  async ask<T>(request: Readonly<Record<string, unknown>>): Promise<T> {
    const line = new Promise<string>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const answer = JSON.parse(await line) as T & { error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  /** Ends the program. */
  close(): void {
    this.#lines.close();
    this.#child.stdin.end();
  }
}
