import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { GraftError } from "@graft/error";

/** A line of JSON that a child printed. */
export type Answer = Readonly<Record<string, unknown>>;

/** Runs a program in a process of its own, so that its memory is its own, and gives the lines of JSON that it prints. INTERNAL when it fails. */
export async function runChild(
  interpreter: string,
  options: { script: string; given: object; through?: string | undefined },
): Promise<Answer[]> {
  const source = options.script.endsWith(".ts") ? ["--conditions=@graft/source", "--disable-warning=ExperimentalWarning"] : [];
  const [command = "", ...line] = [
    ...(options.through?.split(" ") ?? []),
    interpreter,
    ...source,
    options.script,
    JSON.stringify(options.given),
  ];
  const child = spawn(command, line, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, HF_HUB_OFFLINE: "1", TOKENIZERS_PARALLELISM: "true" },
  });
  const answers: Answer[] = [];
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => (complaints = `${complaints}${chunk.toString()}`.slice(-2_000)));
  createInterface(child.stdout).on("line", (text) => {
    if (text.startsWith("{")) answers.push(JSON.parse(text) as Answer);
  });
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  if (status !== 0) throw new GraftError("INTERNAL", `Cannot measure: ${options.script} ended with ${status}: ${complaints}`);
  return answers;
}
