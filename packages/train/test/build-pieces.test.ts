import { initialise, type MethodOptions, planAdapter } from "@graft/methods";
import { type Feeds, floatValue, intValue } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { buildAccumulation, buildStep, OPTIMISERS, type StepOptions, UPDATE_PART } from "@graft/train";
import { encodeModel } from "@graft/onnx";
import { describe, expect, test } from "vitest";
import { buildPieces } from "../src/build-pieces.ts";
import { type MicroBatch, openGraph, Trainer } from "../src/trainer.ts";
import { CONFIG, tinyBase } from "./tiny.ts";

const base = tinyBase();
const task = { type: "text-classification", labels: ["a", "b", "c"] } as const;

function batch(step: number, rows = 4): MicroBatch {
  const shape = [rows, 6];
  const ids = Array.from({ length: rows * 6 }, (_, index) => 5 + ((index * 11 + step * 7) % (CONFIG.vocab_size - 5)));
  return {
    feeds: {
      input_ids: intValue(shape, ids),
      attention_mask: intValue(
        shape,
        ids.map(() => 1),
      ),
      token_type_ids: intValue(
        shape,
        ids.map(() => 0),
      ),
      labels: intValue(
        [rows],
        Array.from({ length: rows }, (_, row) => (row + step) % 3),
      ),
    },
    terms: rows,
  };
}

/** What the three ways to build a step have in common, and what only some have. */
type Step = ReturnType<typeof buildStep> &
  Partial<Pick<ReturnType<typeof buildAccumulation>, "sums" | "update">> &
  Partial<Pick<ReturnType<typeof buildPieces>, "parts">>;

/** Weights, slots, losses and norms after three steps of one or of two micro-batches. */
async function steps(
  options: StepOptions,
  { pieces, parts }: { pieces: boolean; parts: 1 | 2 },
): Promise<{ state: Feeds; numbers: number[] }> {
  const graph: Step = pieces
    ? buildPieces({ ...options, accumulates: parts > 1 })
    : parts > 1
      ? buildAccumulation(options)
      : buildStep(options);
  const values = await initialise(options.plan, { seed: 1, weights: base.weights });
  const zeros = [...graph.slots, ...(graph.sums ?? [])].map(
    ({ key, shape }) => [key, floatValue(shape, new Float32Array(shape.reduce((product, size) => product * size, 1)))] as const,
  );
  const session = await openGraph(graph.model, {
    openSession,
    threads: 1,
    carry: graph.carry,
    state: {
      ...Object.fromEntries(graph.trained.map(({ key, shape }) => [key, floatValue(shape, values.get(key) ?? new Float32Array())])),
      ...Object.fromEntries(zeros),
    },
    ...(graph.parts === undefined ? {} : { parts: graph.parts }),
    ...(graph.update === undefined
      ? {}
      : { parts: { [UPDATE_PART]: { model: encodeModel(graph.update.model), carry: graph.update.carry } } }),
  });
  const trainer = new Trainer(session, graph, options.maxGradientNorm);
  try {
    const numbers: number[] = [];
    for (let step = 1; step <= 3; step++) {
      const { loss, gradientNorm } = await trainer.step(
        Array.from({ length: parts }, (_, part) => batch(step + part)),
        { step, learningRate: 0.01 },
      );
      numbers.push(loss, gradientNorm);
    }
    return { state: await trainer.state(), numbers };
  } finally {
    await session.close();
  }
}

const METHODS: readonly MethodOptions[] = [{ name: "full" }, { name: "lora", rank: 2, learningRateRatio: 4 }];
const cases = METHODS.flatMap((method) =>
  (["adamw", "sgd"] as const).flatMap((optimiser) => ([1, 2] as const).map((parts) => ({ method, optimiser, parts }))),
);

describe("a step whose update runs over pieces of the state", () => {
  test.each(cases)("is the step: $method.name, $optimiser, $parts micro-batches", async ({ method, optimiser, parts }) => {
    const plan = planAdapter(base, { method, task });
    for (const maxGradientNorm of [0, 0.1]) {
      const options = { base, plan, optimiser: OPTIMISERS[optimiser], weightDecay: 0.1, maxGradientNorm };
      const [whole, pieces] = [await steps(options, { pieces: false, parts }), await steps(options, { pieces: true, parts })];
      for (const [index, number] of pieces.numbers.entries()) expect(number).toBeCloseTo(whole.numbers[index] ?? Number.NaN, 5);
      expect(Object.keys(pieces.state).toSorted()).toEqual(Object.keys(whole.state).toSorted());
      for (const [name, { data, dims }] of Object.entries(whole.state)) {
        expect(pieces.state[name]?.dims, name).toEqual(dims);
        const off = Math.max(
          ...Array.from(data as ArrayLike<number | bigint>, (value, index) =>
            Math.abs(Number(value) - Number(pieces.state[name]?.data[index])),
          ),
        );
        expect(off, name).toBeLessThan(2e-5);
      }
    }
  });
});
