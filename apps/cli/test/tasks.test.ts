import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { METRICS } from "@graft/train";
import { tinyRows } from "../../../packages/train/test/tiny.ts";
import { grafter, temporaryFolder } from "./run-graft.ts";
import { tinyCheckpoint } from "./tiny-checkpoint.ts";

const home = temporaryFolder();
const graft = grafter(home);
const rows = tinyRows(30);
const kinds: readonly (readonly [noun: string, kind: string])[] = [
  ["cat", "animal"],
  ["oak", "plant"],
  ["town", "place"],
];

beforeAll(async () => {
  await tinyCheckpoint(join(home, "base"));
});

const write = (name: string, list: readonly unknown[]): Promise<void> =>
  writeFile(join(home, name), list.map((row) => `${typeof row === "string" ? row : JSON.stringify(row)}\n`).join(""));

async function json<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await graft([...args, "--json", "--quiet"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as T;
}

/** What is trained, what predict says of a text, and options of both commands. */
interface Case {
  readonly name: string;
  readonly rows: readonly unknown[];
  readonly options: readonly string[];
  readonly metrics: readonly string[];
  readonly input: string;
  readonly answer: unknown;
}

const number = expect.any(Number) as number;
const CASES: readonly Case[] = [
  {
    name: "several labels",
    rows: rows.map(({ text, label }, index) => ({ text, label: index % 5 === 0 ? [] : [label, "word"] })),
    options: ["--multi-label", "--threshold", "0.4"],
    metrics: ["f1", "f1-micro", "exact-match"],
    input: "a cat",
    answer: { text: "a cat", labels: expect.any(Array), scores: { animal: number, place: number, plant: number, word: number } },
  },
  {
    name: "numbers",
    rows: rows.map(({ text, label }) => ({ text, x: label.length, y: text.length / 10 })),
    options: ["--task", "regression", "--score", "x,y", "--labels", "kind,size"],
    metrics: ["pearson", "spearman", "mse"],
    input: "a cat",
    answer: { text: "a cat", scores: { kind: number, size: number } },
  },
  {
    name: "words",
    rows: rows.map(({ text }) => ({
      words: text.split(" "),
      tags: text.split(" ").map((word) => kinds.find(([noun]) => noun === word)?.[1] ?? "O"),
    })),
    options: ["--task", "token-classification"],
    metrics: ["accuracy", "f1"],
    input: "the cat",
    answer: {
      text: "the cat",
      words: ["the", "cat"].map((word) => ({
        word,
        label: expect.any(String),
        scores: { O: number, animal: number, place: number, plant: number },
      })),
    },
  },
  {
    name: "embeddings",
    rows: rows.map(({ text, label }) => ({ text, pair: kinds.find(([, kind]) => kind === label)?.[0], score: text.length / 40 })),
    options: ["--task", "sentence-embeddings"],
    metrics: ["pearson", "spearman"],
    input: "a cat",
    answer: { text: "a cat", embedding: expect.objectContaining({ length: 32 }) },
  },
];

describe("training, judging and predicting agree", () => {
  test.for(CASES)("on $name", async ({ name, rows: list, options, metrics, input, answer }) => {
    const [file, adapter] = [`${name}.jsonl`, `${name}.safetensors`];
    await write(file, list);
    const columns = options.includes("--score") ? ["--score", "x,y"] : [];
    const trained = await json<{ metrics: Record<string, number> }>(
      ..."train --base base --epochs 2 --learning-rate 0.01"
        .split(" ")
        .concat("--data", file, "--eval", file, "--output", adapter, ...options),
    );
    const model = ["--base", "base", "--adapter", adapter];
    const judged = await json<Record<string, number>>("eval", ...model, "--data", file, ...columns);
    for (const metric of metrics) expect(judged[metric], metric).toBeCloseTo(trained.metrics[metric] ?? Number.NaN, 4);
    const known = Object.keys(METRICS).filter((metric) => Object.hasOwn(judged, metric));
    expect(known.toSorted(), "the task's own metrics and no others").toEqual(metrics.toSorted());
    expect(await json("predict", ...model, input)).toEqual([answer]);
    expect((await graft(["eval", ...model, "--data", file, ...columns, "--metrics", "bleu"])).stderr).toContain('Cannot judge by "bleu"');
  });
});

test.each(["full", "last-layers", "bitfit"])(
  "%s, which replaces whole tensors, is judged, predicts and merges without being asked how",
  async (method) => {
    const [file, adapter] = ["topics.jsonl", `${method}.safetensors`];
    await write(file, rows);
    await json(..."train --base base --steps 4".split(" ").concat("--data", file, "--output", adapter, "--method", method));
    const model = ["--base", "base", "--adapter", adapter];
    expect(await json("eval", ...model, "--data", file)).toMatchObject({ rows: 30, mode: "attach" });
    expect(await json("predict", ...model, "a cat")).toMatchObject([{ text: "a cat" }]);
    expect(await json("merge", ...model, "--output", `${method}.onnx`)).toMatchObject({
      path: expect.stringMatching(/\.onnx$/),
    });
    const judged = await json("eval", ...model, "--data", file, "--mode", "merge");
    expect(judged).toMatchObject({ rows: 30, mode: "merge" });
  },
);

test("adapters are combined into one that names its parents, and what cannot be is refused in a line", async () => {
  await write("topics.jsonl", rows);
  for (const [seed, name] of [
    ["1", "one"],
    ["2", "two"],
  ] as const)
    await json(..."train --base base --data topics.jsonl --steps 4 --seed".split(" "), seed, "--output", `${name}.safetensors`);
  const made = await json(
    ..."combine one.safetensors two.safetensors --how svd --weights 0.7,0.3 --head 2 --output both.safetensors".split(" "),
  );
  expect(made).toMatchObject({ combination: { method: "svd", parents: [{ weight: 0.7 }, { weight: 0.3 }] } });
  expect(await json("predict", "--base", "base", "--adapter", "both.safetensors", "a cat")).toMatchObject([{ text: "a cat" }]);
  const refused = await graft(["combine", "one.safetensors", "two.safetensors", "--output", "none.safetensors", "--quiet"]);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/^Cannot combine .*heads differ.*\n$/)]);
});

describe("a folder of GLUE", () => {
  beforeAll(async () => {
    await mkdir(join(home, "glue", "SST-2"), { recursive: true });
    const lines = rows.map(({ text }, index) => `${text} \t${index % 2}`);
    await write("glue/SST-2/train.tsv", ["sentence\tlabel", ...lines]);
    await write("glue/SST-2/dev.tsv", ["sentence\tlabel", ...lines.slice(0, 10)]);
  });

  test("is trained by the paper's recipe, what the line says beside it wins, and both are told", async () => {
    const line =
      "train --base base --data glue/SST-2 --recipe roberta-base/sst2 --epochs 2 --rank 2 --max-length 32 --output sst2.safetensors";
    const { code, stdout, stderr } = await graft(line.split(" "));
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^30 rows, 2 labels/);
    expect(stdout).toContain("epoch 2, step ");
    const [said = ""] = stderr.split("\n");
    expect(said).toMatch(/^Recipe roberta-base\/sst2: task text-classification, /);
    expect(said).toContain("batch-size 16, learning-rate 0.0005, ");
    expect(said).toContain("rank 2, alpha 8, ");
    expect(said).not.toContain("epochs");
    expect(stderr).toContain("α is 8 in the paper");
    const inspected = await json<{ manifest: { training: unknown; method: unknown } }>("inspect", "sst2.safetensors");
    expect(inspected.manifest.method).toMatchObject({ rank: 2, alpha: 8, initialisation: "gaussian" });
    expect(inspected.manifest.training).toMatchObject({
      epochs: 2,
      hyperparameters: { batchSize: 16, learningRate: 5e-4, weightDecay: 0.1, maxLength: 32 },
    });
    expect(await json("eval", "--base", "base", "--adapter", "sst2.safetensors", "--data", "glue/SST-2")).toMatchObject({ rows: 10 });
  });

  test("a recipe that is not there is one line", async () => {
    const ended = await graft(["train", "--base", "base", "--data", "glue/SST-2", "--recipe", "roberta-base/sst-2", "--quiet"]);
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toMatch(/^Cannot find the recipe "roberta-base\/sst-2"[^\n]*Did you mean "roberta-base\/sst2"[^\n]*\n$/);
  });
});

test("bad rows end a run with their line, and are left out and counted where that is asked for", async () => {
  await write("bad.jsonl", [...rows, { text: "a stone", label: "mineral" }, "{", { label: "plant" }, ...rows]);
  const line = [
    "train",
    "--base",
    "base",
    "--data",
    "bad.jsonl",
    "--labels",
    "plant,place,animal",
    "--epochs",
    "1",
    "--output",
    "bad.safetensors",
  ];
  const refused = await graft([...line, "--quiet"]);
  expect(refused.stderr).toMatch(/^Cannot use line 31 of "bad.jsonl": the label "mineral" is not among the labels that were given/);
  const skipping = await graft([...line, "--skip-bad-rows"]);
  expect(skipping.code, skipping.stderr).toBe(0);
  expect(skipping.stderr).toContain("Left out 3 rows that cannot be used");
  expect(skipping.stdout).toMatch(/^60 rows, 3 labels/);
  const inspected = await json<{ manifest: { task: { labels: string[] } } }>("inspect", "bad.safetensors");
  expect(inspected.manifest.task.labels).toEqual(["plant", "place", "animal"]);
  expect(
    await json("eval", "--base", "base", "--adapter", "bad.safetensors", "--data", "bad.jsonl", "--skip-bad-rows", "--metrics", "matthews"),
  ).toMatchObject({ rows: 60, skipped: 3, matthews: number });
});
