import { execFile } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tinyRows, TOKENIZER_JSON } from "../tiny.ts";

const ROWS = 24_000;
/** Megabytes of JavaScript's heap that the process may take: about a third of the file. */
const HEAP = 40;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "graft-large-"));
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(TOKENIZER_JSON));
  const file = createWriteStream(join(folder, "rows.jsonl"));
  const rows = tinyRows(ROWS);
  const rest = "x".repeat(5_000);
  for (const row of rows) if (!file.write(`${JSON.stringify({ ...row, rest })}\n`)) await once(file, "drain");
  file.end();
  await once(file, "finish");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function train(memoryBytes: number, heap?: number): Promise<string[]> {
  const program = join(import.meta.dirname, "large-data-process.ts");
  const args = [...(heap === undefined ? [] : [`--max-old-space-size=${heap}`]), "--conditions=@graft/source", program];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...args, join(folder, "rows.jsonl"), join(folder, "tokenizer.json"), String(memoryBytes)],
    { maxBuffer: 2 ** 26, env: { ...process.env, NODE_OPTIONS: "", TMPDIR: folder } },
  );
  return stdout.trim().split("\n");
}

test("a file three times as large as the heap trains, to the bytes that memory alone gives, and nothing is left behind", async () => {
  const [[count, spilled], [, kept]] = [await train(256 * 1024, HEAP), await train(64 * 2 ** 20)];
  expect(Number(count)).toBe(ROWS);
  expect(spilled?.length).toBeGreaterThan(1000);
  expect(spilled).toBe(kept);
  expect((await readdir(folder)).filter((name) => name.startsWith("graft-"))).toEqual([]);
}, 120_000);
