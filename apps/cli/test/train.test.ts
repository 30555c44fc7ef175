import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { grafter, temporaryFolder } from "./run-graft.ts";
import { tinyCheckpoint, tinyData } from "./tiny-checkpoint.ts";

const home = temporaryFolder();
const graft = grafter(home);
const rows = ["--base", "base", "--data", "rows.jsonl", "--eval", "held.jsonl", "--threads", "1"];

beforeAll(async () => {
  await tinyCheckpoint(join(home, "base"));
  await tinyData(join(home, "rows.jsonl"), 60);
  await tinyData(join(home, "held.jsonl"), 18);
});

test("--progress json tells every event as a line, and --report writes one file that says the same", async () => {
  const words = ["train", ...rows, "--epochs", "1", "--output", "a.safetensors", "--progress", "json", "--report", "report.html"];
  const { code, stdout, stderr } = await graft(words);
  expect(code).toBe(0);
  const events = stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { type: string; step?: number });
  expect(events.map(({ type }) => type)).toEqual(["start", "step", "step", "step", "step", "evaluation", "end"]);
  expect(events.at(-1)).toMatchObject({ result: "adapter", receipt: { steps: 4 } });
  expect(stdout).toContain("Wrote a.safetensors");
  const report = readFileSync(join(home, "report.html"), "utf8");
  for (const text of [
    "Training of a.safetensors",
    "onnxruntime-node",
    "Samples",
    "rows.jsonl",
    "as a table",
    "What the adapter learned",
    "effective rank",
  ])
    expect(report).toContain(text);
  const quiet = await graft(["train", ...rows, "--steps", "1", "--output", "b.safetensors", "--json"]);
  expect(JSON.parse(quiet.stdout)).toMatchObject({ output: "b.safetensors", steps: 1 });
  expect(
    quiet.stderr
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { type: string }).type),
  ).toEqual(["start", "step", "evaluation", "end"]);
});

test("a run that fails still has its report, and a report that cannot be written is refused first", async () => {
  const lost = await graft([
    "train",
    ...rows,
    "--learning-rate",
    "1e30",
    "--clip",
    "0",
    "--output",
    "lost.safetensors",
    "--report",
    "lost.html",
  ]);
  expect([lost.code, lost.stderr]).toEqual([3, expect.stringContaining("[NOT_FINITE]")]);
  expect(readFileSync(join(home, "lost.html"), "utf8")).toContain("before its time");
  const refused = await graft(["train", ...rows, "--report", "no/where.html"]);
  expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining("its folder does not exist")]);
});

test("learning-rate prints a table and a suggestion, as JSON too, and draws one picture", async () => {
  const words = ["learning-rate", ...rows, "--steps", "30", "--from", "1e-5", "--to", "10"];
  const { code, stdout } = await graft([...words, "--report", "rates.html"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^learning rate +loss +smoothed\n1\.00e-5 +[\d.]+ +[\d.]+\n/);
  expect(stdout).toMatch(/The loss falls fastest at [\d.e-]+: try --learning-rate/);
  expect(readFileSync(join(home, "rates.html"), "utf8").match(/<svg/g)).toHaveLength(1);
  const { suggestion, points } = JSON.parse((await graft([...words, "--json", "--quiet"])).stdout) as {
    suggestion: number;
    points: unknown[];
  };
  expect(stdout).toContain(suggestion.toExponential(1));
  expect(points.length).toBeLessThanOrEqual(30);
  const refused = await graft(["learning-rate", ...rows, "--from", "1", "--to", "0.1"]);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("Cannot test learning rates from 1 to 0.1")]);
});

describe("sweep", () => {
  const words = ["sweep", ...rows, "--steps", "3", "--learning-rate", "1e-3,1e-2", "--rank", "2,4", "--seeds", "2", "--output", "runs"];

  test("runs every combination once, and prints one table", async () => {
    const { code, stdout } = await graft([...words, "--adapters"]);
    expect(code).toBe(0);
    expect(stdout.trim().split("\n")).toEqual([
      expect.stringMatching(/^rank +learning-rate +runs +loss +accuracy +f1$/),
      ...Array.from({ length: 4 }, () => expect.stringMatching(/^[24] +1e-[23] +2 +[\d.]+ ± [\d.]+ +[\d.]+ ± /)),
    ]);
    const files = readdirSync(join(home, "runs"));
    expect([files.filter((name) => name.endsWith(".json")).length, files.filter((name) => name.endsWith(".safetensors")).length]).toEqual([
      8, 8,
    ]);
  });

  test("runs what is missing and nothing else, and gives JSON", async () => {
    const files = readdirSync(join(home, "runs")).filter((name) => name.endsWith(".json"));
    const times = (): Map<string, number> => new Map(files.map((name) => [name, statSync(join(home, "runs", name)).mtimeMs]));
    const before = times();
    rmSync(join(home, "runs", files[3] ?? ""));
    const { code, stdout } = await graft([...words, "--json", "--quiet"]);
    expect(code).toBe(0);
    const { cells, runs } = JSON.parse(stdout) as { cells: { runs: number }[]; runs: unknown[] };
    expect([cells.map((cell) => cell.runs), runs.length]).toEqual([[2, 2, 2, 2], 8]);
    expect(files.filter((name) => times().get(name) !== before.get(name))).toEqual([files[3]]);
  });

  test("tries methods beside each other: an option of one is left out of the others, which run once", async () => {
    const { code, stdout, stderr } = await graft(
      ["sweep", ...rows, "--steps", "2", "--method", "lora,ia3", "--rank", "2,4", "--output", "methods", "--quiet"].filter(
        (word) => word !== "--quiet",
      ),
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("ia3 takes no --rank: it is run without");
    const [head, ...lines] = stdout.trim().split("\n");
    expect(head).toMatch(/^method +rank +runs +loss +accuracy +f1$/);
    expect(lines.map((line) => line.split(/ +/).slice(0, 3).join(" ")).toSorted()).toEqual(["ia3 – 1", "lora 2 1", "lora 4 1"]);
    expect(stdout, "one run has no spread").not.toContain("±");
    const stray = await graft(["sweep", ...rows, "--method", "lora,ia3", "--prefix", "2,4", "--output", "stray"]);
    expect([stray.code, stray.stderr]).toEqual([2, expect.stringContaining("--prefix: the method has no such option")]);
  });

  test("refuses a value that is none before it runs anything, and a comparison without rows", async () => {
    const wrong = await graft(["sweep", ...rows, "--rank", "2,0", "--output", "none"]);
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('Cannot read --rank "0"')]);
    expect(readdirSync(home)).not.toContain("none");
    const blind = await graft(["sweep", "--base", "base", "--data", "rows.jsonl", "--rank", "2,4"]);
    expect([blind.code, blind.stderr]).toEqual([2, expect.stringContaining("there are no rows to judge by")]);
  });
});

test("one of something is called one, and a length that the base does not take is told", async () => {
  await tinyData(join(home, "one.jsonl"), 3);
  const line = ["train", "--base", "base", "--data", "one.jsonl", "--steps", "1", "--output", "one.safetensors"];
  const longer = await graft([...line, "--max-length", "500"]);
  expect(longer.code, longer.stderr).toBe(0);
  expect(longer.stderr).toContain("Rows are read to 32 tokens, not to --max-length 500: the base takes no more");
  expect(longer.stdout).toMatch(/^1 step, /m);
  expect((await graft(line)).stderr).not.toContain("--max-length");
});

test("an output that a file system refuses is refused before anything is trained, whoever asks", async () => {
  const { code, stderr } = await graft(["train", ...rows, "--output", "/proc/adapter.safetensors", "--steps", "100000"]);
  expect([code === 2 || code === 3, stderr]).toEqual([
    true,
    expect.stringMatching(/^Cannot write "\/proc\/adapter.safetensors": [^\n]*\n$/),
  ]);
});

test.each([
  [["--checkpoint-every", "10"], "--checkpoint-every is given without --checkpoint"],
  [["--checkpoint", "c", "--checkpoint-every", "soon"], 'Cannot read --checkpoint-every "soon": want a number of steps, epochs or minutes'],
  [["--batch-size", "16", "--micro-batch", "5"], "Cannot run batches of 16 rows in micro-batches of 5: it does not divide"],
  [["--resume", "nowhere"], 'Cannot go on from "nowhere": it does not exist'],
  [["--warmup", "500"], "Cannot warm up for 500 steps: the run has 12"],
  [["--patience", "0"], 'Cannot read --patience "0": want a whole number of at least 1'],
  [["--best-by", "bleu"], 'Cannot tell the best weights by "bleu": it is not evaluated'],
])("train %j is refused in one line", async (words, message) => {
  const { code, stderr } = await graft(["train", ...rows, ...words]);
  expect([code === 2 || code === 3, stderr.trim().split("\n").length]).toEqual([true, 1]);
  expect(stderr).toContain(message);
});
