import { beforeAll, describe, expect, test } from "vitest";
import type { Base } from "@graft/architectures";
import {
  type BaseShapes,
  baseShapes,
  initialise,
  type Method,
  type MethodOptions,
  METHODS,
  planAdapter,
  type PlanTask,
} from "@graft/methods";
import { run, runPlan } from "./run.ts";
import { tinyBase } from "./tiny-base.ts";

const LABELS: PlanTask = { type: "text-classification", labels: ["act", "animal", "plant"] };
const HEAD_PARAMETERS = 8 * 8 + 8 + 3 * 8 + 3;

let base: Base;
let hidden: Float32Array;
beforeAll(async () => {
  base = await tinyBase();
  hidden = await run(base.model, { folder: base.folder, output: "last_hidden_state" });
});

/** Methods that compute what the base has by another way: equal within rounding. */
const ROUNDED: ReadonlySet<string> = new Set(["dora"]);

/** Whether hidden states are the base's own. */
function expectSame(found: Float32Array, wanted: Float32Array, name: string): void {
  if (!ROUNDED.has(name)) expect(found).toEqual(wanted);
  else expect(Math.max(...found.map((value, index) => Math.abs(value - (wanted[index] ?? Number.NaN))))).toBeLessThan(2e-6);
}

describe.each(Object.keys(METHODS))("%s", (name) => {
  const { changesAtStart } = METHODS[name as keyof typeof METHODS] as Method;

  if (!changesAtStart)
    test("gives the base's own hidden states at step 0", async () => {
      const plan = planAdapter(base, { method: { name } as MethodOptions, task: LABELS });
      const values = await initialise(plan, { seed: 7, weights: base.weights });
      const result = await runPlan(base, plan, values);
      expectSame(result.hidden, hidden, name);
      expect(result.logits).toHaveLength(2 * 3);
      expect(result.logits.every(Number.isFinite)).toBe(true);
    });

  if (!changesAtStart)
    test("does the same on weights that are stored as float16", async () => {
      const narrow = await tinyBase({ dtype: "F16" });
      const plan = planAdapter(narrow, { method: { name } as MethodOptions, task: LABELS });
      const result = await runPlan(narrow, plan, await initialise(plan, { seed: 7, weights: narrow.weights }));
      expectSame(result.hidden, await run(narrow.model, { folder: narrow.folder, output: "last_hidden_state" }), name);
    });

  test("counts exactly the numbers that it starts", async () => {
    const plan = planAdapter(base, { method: { name } as MethodOptions, task: LABELS });
    const values = await initialise(plan, { seed: 7, weights: base.weights });
    expect([...values.values()].reduce((sum, { length }) => sum + length, 0)).toBe(plan.parameters);
  });

  test("counts by its formula over shapes what it plans on the graph", () => {
    const method = METHODS[name as keyof typeof METHODS] as Method;
    const options = { name } as MethodOptions;
    const plan = planAdapter(base, { method: options, task: LABELS });
    expect(method.count(baseShapes(base), options)).toBe(plan.parameters - HEAD_PARAMETERS);
  });

  test("starts from the same bits for the same seed, and from others for another", async () => {
    const plan = planAdapter(base, { method: { name } as MethodOptions, task: LABELS });
    const [one, same, other] = await Promise.all([7, 7, 8].map((seed) => initialise(plan, { seed, weights: base.weights })));
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
  });
});

test("LoRA counts r · (in + out) for each target, and the head beside it", () => {
  const plan = planAdapter(base, { method: { name: "lora", rank: 4 }, task: LABELS });
  expect(plan.parameters).toBe(2 * 2 * 4 * (8 + 8) + HEAD_PARAMETERS);
  expect(plan.targets.map(({ module }) => module)).toEqual(
    [0, 1].flatMap((layer) => ["query", "value"].map((name) => `bert.encoder.layer.${layer}.attention.self.${name}`)),
  );
});

test("the scale is alpha / rank, or alpha / √rank on request", () => {
  const scales = [false, true].map(
    (rankStabilised) => planAdapter(base, { method: { name: "lora", rank: 4, alpha: 8, rankStabilised }, task: LABELS }).targets[0]?.scale,
  );
  expect(scales).toEqual([2, 4]);
});

test("a rank that no shape can have is refused before anything is trained", () => {
  expect(() => planAdapter(base, { method: { name: "lora", rank: 9 }, task: LABELS })).toThrow(expect.objectContaining({ code: "USAGE" }));
});

test("A starts within Kaiming's bound and B at zero", async () => {
  const plan = planAdapter(base, { method: { name: "lora", rank: 4 }, task: LABELS });
  const values = await initialise(plan, { seed: 1, weights: base.weights });
  const a = [...values].filter(([key]) => key.includes("lora_A")).flatMap(([, list]) => [...list]);
  expect(Math.max(...a.map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(8));
  expect(Math.max(...a.map(Math.abs))).toBeGreaterThan(0.3);
  expect(
    [...values]
      .filter(([key]) => key.includes("lora_B"))
      .flatMap(([, list]) => [...list])
      .every((value) => value === 0),
  ).toBe(true);
});

test("the pooler starts from the base's where the base has one", async () => {
  const without = await tinyBase({ pooler: false });
  const started = await Promise.all(
    [base, without].map((one) =>
      initialise(planAdapter(one, { method: { name: "head" }, task: LABELS }), { seed: 1, weights: one.weights }),
    ),
  );
  const pooler = base.model.graph?.initializer.find(({ name }) => name === "pooler.dense.weight");
  const stored = await base.weights.read(pooler as NonNullable<typeof pooler>);
  const key = "base_model.model.bert.pooler.dense.weight";
  expect(started[0]?.get(key)).toEqual(new Float32Array(stored.slice().buffer));
  expect(started[1]?.get(key)).not.toEqual(started[0]?.get(key));
});

test("full pre-training from random weights starts as transformers does", async () => {
  const plan = planAdapter(base, { method: { name: "full", from: "random" }, task: { type: "masked-language-modelling" } });
  const values = await initialise(plan, { seed: 3, weights: base.weights });
  const table = values.get("base_model.model.bert.embeddings.word_embeddings.weight") as Float32Array;
  const deviation = Math.sqrt(table.reduce((sum, value) => sum + value * value, 0) / table.length);
  expect(deviation).toBeGreaterThan(0.015);
  expect(deviation).toBeLessThan(0.025);
  expect(values.get("base_model.model.bert.embeddings.LayerNorm.weight")).toEqual(new Float32Array(8).fill(1));
  expect(values.get("base_model.model.bert.encoder.layer.1.output.dense.bias")).toEqual(new Float32Array(8));
  const { logits } = await runPlan(base, plan, values);
  expect(logits).toHaveLength(3 * 20);
  const trained = plan.trainables.map(({ key }) => key.slice("base_model.model.".length));
  expect(trained).toContain("cls.predictions.bias");
  expect(trained).not.toContain("bert.pooler.dense.weight");
});
/** A base of so many blocks by its shapes alone. */
function blocksOf(layers: number, hiddenSize: number): BaseShapes {
  const matrix = (layer: number): BaseShapes["matrices"][number] => ({
    module: `h.${layer}.mlp.c_proj`,
    operator: "MatMul",
    input: "x",
    in: 4 * hiddenSize,
    out: hiddenSize,
  });
  return { matrices: Array.from({ length: layers }, (_, layer) => matrix(layer)), weights: [], hiddenSize };
}

test.each<[what: string, shapes: BaseShapes, options: MethodOptions, count: number]>([
  ["GPT-3 PreEmbed 256 + 8", blocksOf(96, 12_288), { name: "prefix-embedding", prefix: 256, infix: 8 }, 3_244_032],
  ["GPT-3 PreLayer 8 + 8", blocksOf(96, 12_288), { name: "prefix-layer", prefix: 8, infix: 8 }, 18_874_368],
  ["GPT-2 M Adapter^L r 6", blocksOf(24, 1024), { name: "bottleneck", variant: "L", size: 6 }, 368_784],
  ["GPT-2 M Adapter^L r 224", blocksOf(24, 1024), { name: "bottleneck", variant: "L", size: 224 }, 11_089_152],
  ["GPT-2 M Adapter^H r 112", blocksOf(24, 1024), { name: "bottleneck", variant: "H", size: 112 }, 11_064_576],
  ["RoBERTa-large Adapter^P r 64", blocksOf(24, 1024), { name: "bottleneck", variant: "P", size: 64 }, 3_171_840],
  ["half of RoBERTa-large Adapter^H r 64", blocksOf(24, 1024), { name: "bottleneck", variant: "D", size: 64 }, 3_171_840],
])("%s counts as the paper's formula does", (_, shapes, options, count) => {
  expect((METHODS[options.name] as Method).count(shapes, options)).toBe(count);
});

test.each<[why: string, options: MethodOptions]>([
  ["no positions at all", { name: "prefix-embedding", prefix: 0, infix: 0 }],
  ["half a position", { name: "prefix-layer", prefix: 1.5 }],
  ["a variant that nobody knows", { name: "bottleneck", variant: "X" as "H" }],
  ["a size of nothing", { name: "bottleneck", size: 0 }],
  ["every block dropped", { name: "bottleneck", variant: "D", dropped: 2 }],
])("%s is refused before anything is trained", (_, method) => {
  expect(() => planAdapter(base, { method, task: LABELS })).toThrow(expect.objectContaining({ code: "USAGE" }));
});

test("an infix of a language model is refused: it stands behind every token that is predicted", () => {
  const method = { name: "prefix-embedding", infix: 2 } as const;
  expect(() => planAdapter(base, { method, task: { type: "causal-language-modelling" } })).toThrow(/behind every token/);
});
