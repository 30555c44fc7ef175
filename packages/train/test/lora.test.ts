import { openAdapter } from "@graft/format";
import {
  dropoutDraws,
  injectPlan,
  type LoraOptions,
  matchTargets,
  mergeAdapter,
  type MethodOptions,
  planAdapter,
  type PlanTask,
} from "@graft/methods";
import { cloneModel, encodeModel, GraphBuilder, type ModelProto } from "@graft/onnx";
import { type Feeds, floatValue, intValue } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { type AdapterResult, type EndEvent, randomBase, train, type TrainEvent, type TrainOptions } from "@graft/train";
import { describe, expect, test } from "vitest";
import { TINY_GPT2 } from "../../architectures/test/cases/gpt2.ts";
import { buildEvaluation } from "../src/build-evaluation.ts";
import { tinyBase, tinyRows, tinyTokenizer } from "./tiny.ts";

const base = tinyBase();
const TASK: PlanTask = { type: "text-classification", labels: ["animal", "place", "plant"] };
const FEEDS: Feeds = {
  input_ids: intValue([2, 5], [2, 9, 14, 7, 3, 2, 11, 3, 0, 0]),
  attention_mask: intValue([2, 5], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0]),
  token_type_ids: intValue([2, 5], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
};

async function run(method: LoraOptions, changes: Partial<TrainOptions> = {}): Promise<{ losses: number[]; result: AdapterResult }> {
  const events: TrainEvent[] = [];
  for await (const event of train({
    base,
    tokenizer: tinyTokenizer(),
    openSession,
    threads: 1,
    task: { type: "text-classification", rows: tinyRows(32) },
    method,
    epochs: 2,
    batchSize: 8,
    ...changes,
  }))
    events.push(event);
  const { result } = events.at(-1) as EndEvent;
  if (result.kind !== "adapter") throw new Error("there is no adapter");
  return { losses: events.flatMap((event) => (event.type === "step" ? [event.loss] : [])), result };
}

async function outputs(model: ModelProto, feeds: Feeds, output: string): Promise<Float32Array> {
  const session = await openSession(encodeModel(model), { threads: 1 });
  try {
    const fed = Object.fromEntries(Object.entries({ ...FEEDS, ...feeds }).filter(([name]) => session.inputNames.includes(name)));
    return (await session.run(fed, { fetches: [output] }))[output]?.data as Float32Array;
  } finally {
    await session.close();
  }
}

function difference(one: ArrayLike<number>, other: ArrayLike<number>): number {
  return Math.max(...Array.from(one, (value, index) => Math.abs(value - (other[index] ?? Number.NaN))));
}

describe("dropout", () => {
  const method: LoraOptions = { name: "lora", rank: 2, targets: ["query", "value"], dropout: 0.25 };
  const plan = planAdapter(base, { method, task: TASK });

  /** Masks of one pass: the inputs of the branches divided by what they were. */
  async function masks(pass: string): Promise<Float32Array[]> {
    const model = cloneModel(base.model);
    const builder = new GraphBuilder(model);
    injectPlan(builder, plan, { hiddenSize: base.hiddenSize, training: true });
    const products = builder.graph.node
      .filter(({ name }) => /lora_dropout\/Mul/.test(name))
      .filter(({ input }) => input[1]?.includes("Reshape"));
    builder.graph.output = [];
    const names = products.map(({ input }, index) =>
      builder.output(input[1] ?? "", { name: `mask ${index}`, type: "float32", shape: [2, 5, 32] }),
    );
    const draws = dropoutDraws(plan, { seed: 1, pass }) ?? new BigInt64Array();
    const weights = Object.fromEntries(
      plan.trainables.map(({ key, shape }) => [key, floatValue(shape, new Float32Array(shape.reduce((one, other) => one * other, 1)))]),
    );
    const found = [];
    for (const name of names) found.push(await outputs(model, { ...weights, dropout_draws: intValue([draws.length], draws) }, name));
    return found;
  }

  test("leaves out its share of each branch's input, scales the rest, and differs by branch and by pass", async () => {
    const first = await masks("1 0");
    expect(first).toHaveLength(4);
    for (const mask of first) {
      const kept = mask.filter((value) => value !== 0);
      expect([...new Set(kept)]).toEqual([Math.fround(1 / 0.75)]);
      expect(kept.length / mask.length).toBeGreaterThan(0.65);
      expect(kept.length / mask.length).toBeLessThan(0.85);
    }
    expect(first[1]).not.toEqual(first[0]);
    expect(await masks("1 0")).toEqual(first);
    expect((await masks("2 0"))[0]).not.toEqual(first[0]);
  });

  test("gives the same bytes for the same seed, and is for training alone", async () => {
    const [one, same, without] = [await run(method), await run(method), await run({ ...method, dropout: 0 })];
    expect(Buffer.compare(one.result.bytes, same.result.bytes)).toBe(0);
    expect(one.losses.slice(1)).not.toEqual(without.losses.slice(1));
    expect(buildEvaluation({ base, plan }).graph?.input.map(({ name }) => name)).not.toContain("dropout_draws");
  });
});

test("LoRA+ moves B faster than A by its ratio", async () => {
  const moved = async (learningRateRatio: number): Promise<number> => {
    const method: LoraOptions = { name: "lora", rank: 2, targets: "query", learningRateRatio };
    const { result } = await run(method, { steps: 1, warmup: 0, schedule: "constant", weightDecay: 0 });
    const adapter = await openAdapter(result.bytes);
    const b = await adapter.values("base_model.model.bert.encoder.layer.0.attention.self.query.lora_B.weight");
    return Math.max(...b.map(Math.abs));
  };
  // The first step of Adam is the learning rate itself.
  expect((await moved(16)) / (await moved(1))).toBeCloseTo(16, 2);
});

describe("PiSSA", () => {
  const method: LoraOptions = { name: "lora", rank: 4, alpha: 4, targets: ["query", "intermediate.dense"], initialisation: "pissa" };

  test("starts as the base, and is saved as a pair of twice the rank that fits the base as it is", async () => {
    const { result, losses } = await run(method, { epochs: 4, learningRate: 2e-2 });
    const plain = await run({ ...method, initialisation: "kaiming" }, { epochs: 4, learningRate: 2e-2 });
    expect(losses[0]).toBeCloseTo(plain.losses[0] ?? Number.NaN, 5);
    expect(losses.at(-1)).not.toBe(plain.losses.at(-1));
    const { manifest, values } = await openAdapter(result.bytes);
    expect(manifest.targets.map(({ rank, scale }) => [rank, scale])).toEqual(Array.from({ length: 4 }, () => [8, 1]));
    // The golden outputs are those of the trained graph, over the base without the principal part.
    const { matches } = await matchTargets(base.model, manifest.targets);
    const merged = await mergeAdapter(base, { manifest, matches, values });
    for (const { inputs, outputs: wanted } of manifest.golden?.cases ?? []) {
      const ids = "text" in inputs ? tinyTokenizer().encode(inputs.text, {}).ids : [];
      const row = (value: (id: number) => number): Feeds[string] => intValue([1, ids.length], ids.map(value));
      const feeds = { input_ids: row((id) => id), attention_mask: row(() => 1), token_type_ids: row(() => 0) };
      expect(difference(wanted, await outputs(merged.model, feeds, merged.output))).toBeLessThan(1e-4);
    }
    expect(manifest.golden?.cases.length).toBeGreaterThan(0);
  });

  test("refuses what it cannot save or leave out", () => {
    expect(() => planAdapter(base, { method: { ...method, rank: 17 }, task: TASK })).toThrow(expect.objectContaining({ code: "USAGE" }));
    expect(() => planAdapter(base, { method: { ...method, dropout: 0.1 }, task: TASK })).toThrow(/dropout/);
    const dora = { ...method, name: "dora" } as unknown as LoraOptions;
    expect(() => planAdapter(base, { method: dora, task: TASK })).toThrow(/Cannot plan dora with PiSSA/);
    expect(() => planAdapter(base, { method: { ...method, targets: "word_embeddings" }, task: TASK })).toThrow(/no dense layer/);
  });
});

describe("parts of a packed projection", () => {
  const gpt2 = randomBase(TINY_GPT2, { seed: 2 });
  const method: LoraOptions = { name: "lora", rank: 2, alpha: 4, targets: "c_attn", qkv: ["query", "value"] };
  const key = "base_model.model.transformer.h.0.attn.c_attn";

  test("get a pair each, counted as such, in blocks of one B that PEFT reads", async () => {
    const plan = planAdapter(gpt2, { method, task: TASK });
    expect(plan.targets[0]).toMatchObject({ in: 16, out: 48, rank: 4, scale: 2, parts: ["query", "value"] });
    // Two layers, two parts: r · (d + d) each; and the head's score.
    expect(plan.parameters).toBe(2 * 2 * 2 * (16 + 16) + 3 * 16);
    const { result } = await run(method, { base: gpt2 });
    const adapter = await openAdapter(result.bytes);
    const b = await adapter.values(`${key}.lora_B.weight`);
    expect((await adapter.values(`${key}.lora_A.weight`)).length).toBe(4 * 16);
    const inside = (row: number, column: number): boolean => (column < 2 ? row < 16 : row >= 32);
    for (const [index, value] of b.entries()) {
      if (inside(Math.floor(index / 4), index % 4)) expect(value).not.toBe(0);
      else expect(value).toBe(0);
    }
  });

  test("are refused where nothing is packed", () => {
    expect(() => planAdapter(base, { method: { ...method, targets: "query" }, task: TASK })).toThrow(/no target is one/);
    expect(() => planAdapter(gpt2, { method: { ...method, qkv: [] }, task: TASK })).toThrow(/no part of it is named/);
  });
});

test("a rank that is the matrices' own, on all of them with all biases, reaches the loss of full fine-tuning (LoRA paper, §4.1)", async () => {
  // Labels that follow from nothing have to be learnt by heart, which a head on frozen features cannot.
  const texts = [...new Set(tinyRows(200).map(({ text }) => text))].slice(0, 48);
  const rows = texts.map((text, index) => ({ text, label: ["a", "b", "c"][(index * 7 + (index >> 2)) % 3] ?? "a" }));
  const last = async (method: MethodOptions, learningRate: number): Promise<number> => {
    const losses: number[] = [];
    const task = { type: "text-classification", rows } as const;
    const options = { base, tokenizer: tinyTokenizer(), openSession, threads: 1, task, epochs: 100, batchSize: 16, weightDecay: 0 };
    for await (const event of train({ ...options, method, learningRate })) if (event.type === "step") losses.push(event.loss);
    return losses.slice(-3).reduce((sum, loss) => sum + loss / 3, 0);
  };
  const targets = ["all-linear", "word_embeddings", "position_embeddings"];
  expect(await last({ name: "head" }, 2e-3)).toBeGreaterThan(0.5);
  expect(await last({ name: "full" }, 3e-3)).toBeLessThan(0.02);
  expect(await last({ name: "lora", rank: 32, alpha: 32, targets, bias: "all" }, 2e-3)).toBeLessThan(0.02);
});
