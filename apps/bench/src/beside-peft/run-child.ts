import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { GraftError } from "@graft/error";

/** One line of JSON that a child printed. */
export interface Answer {
  readonly value: Readonly<Record<string, unknown>>;
  /** Seconds since the child was started. */
  readonly seconds: number;
}

/** Runs a program in a process of its own, so that its memory is its own, and gives the lines of JSON that it prints. INTERNAL when it fails. */
export async function runChild(command: string, options: { script: string; given: object }): Promise<Answer[]> {
  const source = options.script.endsWith(".ts") ? ["--conditions=@graft/source", "--disable-warning=ExperimentalWarning"] : [];
  const begin = performance.now();
  const child = spawn(command, [...source, options.script, JSON.stringify(options.given)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, HF_HUB_OFFLINE: "1", TOKENIZERS_PARALLELISM: "true" },
  });
  const answers: Answer[] = [];
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => (complaints = `${complaints}${chunk.toString()}`.slice(-2_000)));
  createInterface(child.stdout).on("line", (line) => {
    if (line.startsWith("{")) answers.push({ value: JSON.parse(line) as Answer["value"], seconds: (performance.now() - begin) / 1000 });
  });
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  if (status !== 0) throw new GraftError("INTERNAL", `Cannot measure: ${options.script} ended with ${status}: ${complaints}`);
  return answers;
}
