import { initialise, type MethodOptions, planAdapter } from "@graft/methods";
import { encodeModel, inferShapes, type ModelProto } from "@graft/onnx";
import { floatValue, type Feeds, intValue } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { buildStep, OPTIMISERS, type StepGraph } from "@graft/train";
import { describe, expect, test } from "vitest";
import { PASSES, type PassName } from "../src/passes.ts";
import { CONFIG, tinyBase } from "./tiny.ts";

const base = tinyBase();
const [rows, width] = [3, 8];
const METHODS: readonly MethodOptions[] = [{ name: "lora", rank: 4, targets: "all-linear" }, { name: "bitfit" }];

/** What there is less of in a step when a pass was there. */
const LESS: Readonly<Record<PassName, (model: ModelProto) => number>> = {
  "narrow-positions": (model) => dims(model, "/encoder/layer.1/intermediate/dense/MatMul_output").length,
  "narrow-attention": (model) => dims(model, "/encoder/layer.1/attention/self/Softmax_output").filter((dim) => dim !== 1).length,
  "gelu-slope": (model) => nodesNamed(model, "Gelu_gradient/"),
  "narrow-side": (model) => model.graph?.node.filter(({ opType }) => opType === "Transpose").length ?? 0,
};

function dims(model: ModelProto, value: string): readonly unknown[] {
  return inferShapes(model).get(value)?.shape ?? [];
}

function nodesNamed(model: ModelProto, part: string): number {
  return model.graph?.node.filter(({ name }) => name.includes(part)).length ?? 0;
}

describe.each(METHODS)("a step of $name", (method) => {
  const plan = planAdapter(base, { method, task: { type: "text-classification", labels: ["a", "b", "c"] } });
  const build = (without: readonly PassName[]): StepGraph =>
    buildStep({ base, plan, optimiser: OPTIMISERS.sgd, weightDecay: 0, maxGradientNorm: 0, without });
  const whole = build([]);

  /** Every output of one step over padded rows, by name. */
  async function outputs({ model, slots }: StepGraph): Promise<Feeds> {
    const values = await initialise(plan, { seed: 1, weights: base.weights });
    const state = Object.fromEntries([
      ...plan.trainables.map(({ key, shape }, at) => [
        key,
        // Away from where B is zero, so that every gradient is something.
        floatValue(
          shape,
          Float32Array.from(values.get(key) ?? [], (value, index) => value + 0.1 * Math.sin(index + at)),
        ),
      ]),
      ...slots.map(({ key, shape }) => [key, floatValue(shape, new Float32Array(shape.reduce((product, size) => product * size, 1)))]),
    ]);
    const ids = Array.from({ length: rows * width }, (_, index) => 5 + ((index * 11) % (CONFIG.vocab_size - 5)));
    const shape = [rows, width];
    const session = await openSession(encodeModel(model), { threads: 1 });
    try {
      return await session.run({
        ...state,
        input_ids: intValue(shape, ids),
        attention_mask: intValue(
          shape,
          ids.map((_, index) => Number(index % width < 5 + Math.floor(index / width))),
        ),
        token_type_ids: intValue(
          shape,
          ids.map(() => 0),
        ),
        labels: intValue([rows], [0, 2, 1]),
        learning_rate: floatValue([], Float32Array.of(1)),
        step: floatValue([], Float32Array.of(1)),
      });
    } finally {
      await session.close();
    }
  }

  test.for(Object.keys(PASSES) as PassName[])("is the same without the pass %s, within rounding", async (name) => {
    const without = build([name]);
    const [expected, found] = [await outputs(without), await outputs(whole)];
    const pairs = plan.trainables.map(({ key }) =>
      [without, whole].map(({ carry }) => Object.keys(carry).find((output) => carry[output] === key) ?? ""),
    );
    for (const [before = "", after = ""] of [...pairs, ["loss", "loss"], ["gradient_norm", "gradient_norm"]]) {
      const [reference, values] = [expected[before], found[after]].map((value) => Array.from(value?.data ?? [], Number)) as [
        number[],
        number[],
      ];
      expect(values).toHaveLength(reference.length);
      const largest = Math.max(...reference.map(Math.abs));
      const difference = Math.max(...reference.map((value, index) => Math.abs(value - (values[index] ?? Number.NaN))));
      expect(difference / Math.max(largest, 1e-3), after).toBeLessThan(1e-5);
    }
  });

  if (method.name === "lora")
    test.for(Object.keys(PASSES) as PassName[])("has the pass %s", (name) => {
      expect(LESS[name](whole.model)).toBeLessThan(LESS[name](build([name]).model));
    });
});
