import { type Manifest, openAdapter } from "@graft/format";
import { openSession } from "@graft/runtime/node";
import { type EndEvent, train, type TrainEvent, type TrainOptions } from "@graft/train";
import { beforeAll, describe, expect, test } from "vitest";
import { referee, runReferee } from "../../../test/referee.ts";
import { CONFIG, tinyBase, tinyRows, tinyTokenizer } from "./tiny.ts";

const base = tinyBase();
const tokenizer = tinyTokenizer();
const rows = tinyRows(36);
const KINDS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({ animal: "cat dog bird", plant: "oak rose fern", place: "town river hill" }).flatMap(([kind, words]) =>
    words.split(" ").map((word) => [word, kind] as const),
  ),
);
const nouns = Object.keys(KINDS);
const noun = (index: number): string => nouns[index % nouns.length] ?? "cat";
const kindOf = (word: string): string => KINDS[word] ?? "other";

/** Rows of every task that the little words of the tokenizer can tell. */
const TASKS = {
  "several labels": {
    type: "text-classification",
    multiLabel: true,
    rows: rows.map(({ text }, index) => {
      const words = [noun(index), ...(index % 3 === 0 ? [] : [noun(index * 5 + 3)])];
      return { text: `${text.split(" ")[0] ?? "a"} ${words.join(" and ")}`, label: index % 9 === 8 ? [] : [...new Set(words.map(kindOf))] };
    }),
  },
  pairs: {
    type: "text-classification",
    rows: rows.map(({ text }, index) => ({ text, pair: noun(index), label: kindOf(noun(index)) })),
  },
  regression: {
    type: "regression",
    rows: rows.map(({ text, label }) => ({ text, score: label === "animal" ? 1 : label === "plant" ? -1 : 0.25 })),
  },
  "several numbers": {
    type: "regression",
    labels: ["living", "large"],
    rows: rows.map(({ text, label }) => ({ text, score: [label === "place" ? 0 : 1, label === "place" ? 1 : 0] })),
  },
  words: {
    type: "token-classification",
    rows: rows.map(({ text }) => ({ words: text.split(" "), tags: text.split(" ").map(kindOf) })),
  },
  embeddings: {
    type: "sentence-embeddings",
    rows: rows.map((_, index) => ({ text: `the ${noun(index)}`, pair: `a ${noun(index)} with a small ${noun(index)}` })),
  },
  "embeddings with negatives": {
    type: "sentence-embeddings",
    rows: rows.map((_, index) => ({ text: `the ${noun(index)}`, pair: `a ${noun(index)}`, negative: `a ${noun(index + 1)} sings` })),
  },
  "embeddings with scores": {
    type: "sentence-embeddings",
    rows: rows.map((_, index) => ({
      text: `the ${noun(index)}`,
      pair: `a ${noun(index * 2)}`,
      score: kindOf(noun(index)) === kindOf(noun(index * 2)) ? 1 : 0,
    })),
  },
} as const satisfies Record<string, TrainOptions["task"]>;
type TaskCase = keyof typeof TASKS;

async function run(task: TrainOptions["task"], options: Partial<TrainOptions> = {}): Promise<{ events: TrainEvent[]; end: EndEvent }> {
  const events: TrainEvent[] = [];
  for await (const event of train({
    base,
    tokenizer,
    openSession,
    threads: 1,
    task,
    method: { name: "lora", rank: 4, targets: "all-linear" },
    batchSize: 12,
    learningRate: 1e-2,
    ...options,
  }))
    events.push(event);
  return { events, end: events.at(-1) as EndEvent };
}

describe("every task learns", () => {
  test.for<[TaskCase, string, "more" | "less", Partial<Manifest["task"]>]>([
    ["several labels", "f1-micro", "more", { labels: ["animal", "place", "plant"], activation: "sigmoid", threshold: 0.5 }],
    ["pairs", "accuracy", "more", { labels: ["animal", "place", "plant"] }],
    ["regression", "pearson", "more", { labels: ["score"], activation: "identity" }],
    ["several numbers", "mse", "less", { labels: ["living", "large"], activation: "identity" }],
    ["words", "f1", "more", { labels: ["animal", "other", "place", "plant"] }],
    ["embeddings", "loss", "less", { labels: [], activation: "normalise" }],
    ["embeddings with negatives", "loss", "less", { activation: "normalise" }],
    ["embeddings with scores", "spearman", "more", { activation: "normalise" }],
  ])("%s: %s", async ([name, metric, better, outputs]) => {
    const task = TASKS[name];
    const { events, end } = await run({ ...task, evaluation: task.rows } as TrainOptions["task"], {
      epochs: 24,
      batchSize: 6,
      learningRate: 5e-3,
    });
    const metrics = events.flatMap((event) => (event.type === "evaluation" ? [event.metrics[metric] ?? Number.NaN] : []));
    const [first = Number.NaN, last = Number.NaN] = [metrics[0], metrics.at(-1)];
    if (better === "more") expect(last).toBeGreaterThan(Math.max(first, 0.8));
    else expect(last).toBeLessThan(first * 0.6);
    if (end.result.kind !== "adapter") throw new Error("no adapter");
    const { manifest } = await openAdapter(end.result.bytes);
    expect(manifest.golden?.cases.length).toBeGreaterThan(0);
    expect(manifest.task).toMatchObject({ type: task.type, ...outputs });
  });

  test("chooses the metrics that are asked for", async () => {
    const { end } = await run({ ...TASKS.pairs, evaluation: TASKS.pairs.rows }, { steps: 1, metrics: ["matthews", "f1-micro"] });
    expect(Object.keys(end.receipt.metrics).sort()).toEqual(["f1-micro", "loss", "matthews"]);
  });
});

describe("rows that a task cannot use", () => {
  test.for<[string, TrainOptions["task"], string]>([
    [
      "a label that was not given",
      { type: "text-classification", labels: ["animal", "plant"], rows: [{ text: "a cat", label: "animol" }] },
      'Cannot use row 1: the label "animol" is not among the labels that were given',
    ],
    [
      "several labels where one is right",
      { type: "text-classification", rows: [{ text: "a cat", label: ["animal", "tame"] }] },
      "Cannot use row 1: it has 2 labels, want one",
    ],
    [
      "another count of numbers",
      {
        type: "regression",
        rows: [
          { text: "a cat", score: 1 },
          { text: "a dog", score: [1, 2] },
        ],
      },
      "Cannot use row 2: it has 2 numbers, want 1",
    ],
    [
      "a score here and none there",
      {
        type: "sentence-embeddings",
        rows: [
          { text: "a cat", pair: "a dog" },
          { text: "a dog", pair: "a cat", score: 1 },
        ],
      },
      "Cannot use row 2: it has other columns than the rows before it",
    ],
  ])("%s", async ([, task, message]) => {
    await expect(run(task)).rejects.toMatchObject({ code: "DATA_INVALID", message });
  });

  test("are left out and counted when that is asked for", async () => {
    const task = {
      type: "text-classification",
      labels: ["animal", "plant", "place"],
      rows: [...rows, { text: "a stone", label: "mineral" }],
    } as const;
    const { events } = await run(task, { steps: 1, skipBadRows: true });
    expect(events[0]).toMatchObject({ rows: 36, skipped: 1, labels: ["animal", "plant", "place"] });
  });

  test("have no head to train in embeddings by method head", async () => {
    await expect(run(TASKS.embeddings, { method: { name: "head" } })).rejects.toMatchObject({ code: "USAGE" });
  });
});

const PROGRAM = `
import json, sys, torch
import torch.nn.functional as F
from transformers import BertConfig, BertForSequenceClassification, BertForTokenClassification, BertModel
job = json.load(sys.stdin)
answers = []
for case in job["cases"]:
    config = BertConfig(**job["config"], num_labels=case["labels"] or 2, classifier_dropout=0.0)
    config.problem_type = case["problem"]
    kind = {"sequence": BertForSequenceClassification, "token": BertForTokenClassification, "bare": BertModel}[case["class"]]
    model = kind(config).eval()
    tensors = {name: torch.tensor(t["values"]).view(t["shape"]) for name, t in {**job["base"], **case["head"]}.items()}
    prefix = "" if case["class"] == "bare" else "bert."
    state = {(prefix + name if name in job["base"] else name): value for name, value in tensors.items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not [name for name in missing if "position_ids" not in name and "pooler" not in name], missing
    assert not [name for name in unexpected if "pooler" not in name], unexpected
    ids, mask, types = (torch.tensor(case[name]) for name in ("ids", "mask", "types"))
    with torch.no_grad():
        if case["class"] == "bare":
            hidden = model(ids, attention_mask=mask, token_type_ids=types).last_hidden_state
            pooled = (hidden * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
            count = case["texts"]
            parts = F.normalize(pooled).view(count, -1, pooled.shape[1])
            if case["scores"]:
                loss = F.mse_loss((parts[0] * parts[1]).sum(1), torch.tensor(case["scores"]))
            else:
                scores = 20 * parts[0] @ parts[1:].reshape(-1, pooled.shape[1]).T
                loss = F.cross_entropy(scores, torch.arange(parts.shape[1]))
            first = pooled[0]
        else:
            labels = torch.tensor(case["truth"])
            if case["problem"] == "regression" and case["labels"] == 1: labels = labels.view(-1)
            output = model(ids, attention_mask=mask, token_type_ids=types, labels=labels)
            loss, first = output.loss, output.logits[0].flatten()
    answers.append({"loss": loss.item(), "first": first.tolist()})
json.dump(answers, sys.stdout)
`;

/** Padded rows as PyTorch takes them. */
function padded(
  encodings: readonly { ids: readonly number[]; typeIds: readonly number[] }[],
): Record<"ids" | "mask" | "types", number[][]> {
  const width = Math.max(...encodings.map(({ ids }) => ids.length));
  const pad = (values: readonly number[]): number[] => [...values, ...Array.from({ length: width - values.length }, () => 0)];
  return {
    ids: encodings.map(({ ids }) => pad(ids)),
    mask: encodings.map(({ ids }) => pad(ids.map(() => 1))),
    types: encodings.map(({ typeIds }) => pad(typeIds)),
  };
}

/** What the class of `transformers` is given for a task. */
function refereeCase(name: TaskCase, labels: readonly string[]): Record<string, unknown> {
  const task = TASKS[name];
  const common = { texts: 2, scores: [], labels: labels.length, problem: null };
  if (task.type === "sentence-embeddings") {
    const roles = ["text", "pair", "negative"] as const;
    const all = task.rows as readonly Partial<Record<(typeof roles)[number] | "score", string | number>>[];
    const present = roles.filter((role) => all[0]?.[role] !== undefined);
    return {
      ...common,
      class: "bare",
      texts: present.length,
      scores: all.flatMap(({ score }) => (score === undefined ? [] : [score])),
      ...padded(present.flatMap((role) => all.map((row) => tokenizer.encode(String(row[role]))))),
    };
  }
  if (task.type === "token-classification") {
    const encoded = task.rows.map(({ words }) => tokenizer.encodeWords(words));
    const batch = padded(encoded);
    const truth = batch.ids.map((row, index) => {
      const tags = row.map(() => -100);
      for (const [word, start] of (encoded[index]?.wordStarts ?? []).entries())
        if (start !== undefined) tags[start] = labels.indexOf(task.rows[index]?.tags[word] ?? "");
      return tags;
    });
    return { ...common, class: "token", truth, ...batch };
  }
  const encoded = task.rows.map((row) => tokenizer.encode(row.text, "pair" in row ? { pair: row.pair } : {}));
  const truth =
    task.type === "regression"
      ? task.rows.map(({ score }) => (typeof score === "number" ? [score] : [...score]))
      : task.rows.map(({ label }) =>
          typeof label === "string" ? labels.indexOf(label) : labels.map((known) => Number((label as readonly string[]).includes(known))),
        );
  const problem =
    task.type === "regression" ? "regression" : "multiLabel" in task ? "multi_label_classification" : "single_label_classification";
  const floats = problem === "single_label_classification" ? truth : (truth as number[][]).map((row) => row.map((value) => value + 1e-9));
  return { ...common, class: "sequence", problem, truth: floats, ...padded(encoded) };
}

describe.skipIf(referee === undefined)("heads and losses are those of transformers", () => {
  const names = Object.keys(TASKS) as TaskCase[];
  const ours = new Map<TaskCase, { loss: number; first: readonly number[] }>();
  let theirs: readonly { loss: number; first: number[] }[] = [];

  beforeAll(async () => {
    const cases: unknown[] = [];
    for (const name of names) {
      // The first step of a warm-up changes nothing: the loss is that of the weights that are written.
      const { events, end } = await run(TASKS[name], { steps: 1, batchSize: rows.length });
      if (end.result.kind !== "adapter") throw new Error("no adapter");
      const { manifest, values } = await openAdapter(end.result.bytes);
      const step = events.find((event) => event.type === "step");
      ours.set(name, { loss: step?.loss ?? Number.NaN, first: manifest.golden?.cases[0]?.outputs ?? [] });
      const head: Record<string, unknown> = {};
      for (const { key, shape, role } of manifest.tensors)
        if (role === "head") head[key.slice("base_model.model.".length)] = { shape, values: [...(await values(key))] };
      cases.push({ ...refereeCase(name, manifest.task.labels), head });
    }
    const weights = (base.model.graph?.initializer ?? []).filter(({ dataType, name }) => dataType === 1 && name.includes("."));
    const tensors = Object.fromEntries(
      weights.map(({ name, dims, rawData }) => [name, { shape: dims.map(Number), values: [...new Float32Array(rawData.slice().buffer)] }]),
    );
    theirs = JSON.parse(runReferee(PROGRAM, JSON.stringify({ config: CONFIG, base: tensors, cases })).toString()) as typeof theirs;
  }, 120_000);

  test.for(names)("%s", (name) => {
    const [mine, other] = [ours.get(name), theirs[names.indexOf(name)]];
    expect(mine?.loss).toBeCloseTo(other?.loss ?? Number.NaN, 4);
    expect(mine?.first.length).toBeGreaterThan(0);
    for (const [at, value] of (mine?.first ?? []).entries()) expect(value, `output ${at}`).toBeCloseTo(other?.first[at] ?? Number.NaN, 4);
  });
});
