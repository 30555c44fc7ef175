import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { load } from "@graft/loader/node";
import { loadTokenizer } from "@graft/runtime/node";
import { TINY_ENGLISH_FOLDER } from "@graft/tiny-english";
import { askPeft } from "./peft.ts";
import { referee } from "./referee.ts";

const TEXTS = ["a small yellow bird that sings", "a city on the coast of Portugal"];

interface Finished {
  readonly status: number | null;
  readonly output: string;
}

/** Starts the command that people type, in a folder of its own. */
function start(folder: string): { child: ChildProcess; output: () => string; finished: Promise<Finished> } {
  const child = spawn(process.execPath, [join(import.meta.dirname, "../scripts/run.mjs"), "quickstart"], {
    cwd: folder,
    env: { ...process.env, INIT_CWD: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const finished = new Promise<Finished>((resolve) => child.on("close", (status) => resolve({ status, output: text })));
  return { child, output: () => text, finished };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 50));
}

test("the quickstart does the main job while another one beside it is stopped by Ctrl-C and leaves nothing", async () => {
  const folder = await mkdtemp(join(tmpdir(), "graft-quickstart-"));
  const whole = start(folder);
  const stopped = start(folder);
  await until(() => /LoRA \d+ %/.test(stopped.output()) || stopped.child.exitCode !== null);
  stopped.child.kill("SIGINT");
  expect(await stopped.finished).toMatchObject({ status: 130, output: expect.stringContaining("[CANCELLED]") });

  const { status, output } = await whole.finished;
  expect(status, output).toBe(0);
  expect(output).toContain("already published with these bytes");
  expect(output).toContain("[VERSION_TAKEN]");
  expect(output).toContain("signature and digest are right");
  // One folder: that of the run which was left alone.
  const runs = await readdir(join(folder, "quickstart-output"));
  expect(runs).toHaveLength(1);

  const adapter = join(folder, "quickstart-output", runs[0] as string, "adapter.safetensors");
  await using model = await load(TINY_ENGLISH_FOLDER, { adapters: [adapter] });
  const ours = (await model.run(TEXTS)).map((prediction) => prediction.logits);
  if (referee === undefined) return;
  const { tokenizer } = await loadTokenizer(join(TINY_ENGLISH_FOLDER, "tokenizer.json"));
  const rows = TEXTS.map((text) => tokenizer.encode(text).ids);
  const [peft] = await askPeft([{ base: TINY_ENGLISH_FOLDER, adapter: await readFile(adapter), rows }]);
  const differences = ours.flatMap((row, index) =>
    Array.from(row, (value, column) => Math.abs(value - (peft?.attached[index]?.[column] ?? Number.NaN))),
  );
  expect(Math.max(...differences), "logits of PEFT with the same adapter").toBeLessThan(1e-4);
}, 400_000);
