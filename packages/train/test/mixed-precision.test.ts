import { initialise, planAdapter } from "@graft/methods";
import { encodeModel, lowerOperators } from "@graft/onnx";
import { openSession } from "@graft/runtime/node";
import { buildStep, DEFAULTS, OPTIMISERS, train, type Precision, type StepGraph } from "@graft/train";
import { describe, expect, test } from "vitest";
import { referee, runReferee } from "../../../test/referee.ts";
import { CONFIG, tinyBase, tinyRows, tinyTokenizer } from "./tiny.ts";

const base = tinyBase();
const plan = planAdapter(base, {
  method: { name: "lora", targets: "all-linear", rank: 4 },
  task: { type: "text-classification", labels: ["a", "b", "c"] },
});

function step(precision: Precision): StepGraph {
  const graph = buildStep({ ...DEFAULTS, base, plan, optimiser: OPTIMISERS.sgd, precision });
  lowerOperators(graph.model);
  return graph;
}

// ONNX Runtime's processor computes float16 as float32; the reference evaluator of ONNX rounds as a device does.
const EVALUATOR = `
import base64, json, sys
import numpy, onnx
from onnx.reference import ReferenceEvaluator
request = json.load(sys.stdin)
feeds = {name: numpy.array(value["data"], dtype=value["type"]).reshape(value["dims"]) for name, value in request["feeds"].items()}
answers = []
for model in request["models"]:
    evaluator = ReferenceEvaluator(onnx.load_from_string(base64.b64decode(model)))
    answers.append({name: value.astype(float).ravel().tolist() for name, value in zip(evaluator.output_names, evaluator.run(None, feeds))})
print(json.dumps(answers))
`;

describe.skipIf(referee === undefined)("a step in mixed precision", () => {
  test("has the loss and the updates of full precision within the rounding of float16", async () => {
    const [full, mixed] = [step("full"), step("mixed")];
    const start = await initialise(plan, { seed: 1, weights: base.weights });
    // B starts at zero, where A has no gradient.
    const weights = [...start].map(([key, values]) => [key, values.map((value, index) => value + 0.02 * Math.sin(index))] as const);
    const ids = Array.from({ length: 2 * 8 }, (_, index) => (index * 7) % CONFIG.vocab_size);
    const whole = (data: readonly number[], dims: readonly number[]) => ({ type: "int64", data, dims });
    const float = (data: readonly number[], dims: readonly number[]) => ({ type: "float32", data, dims });
    const zeros = full.slots.map(({ key, shape }) => [key, float(Array(shape.reduce((a, b) => a * b, 1)).fill(0), shape)] as const);
    const feeds = {
      input_ids: whole(ids, [2, 8]),
      attention_mask: whole(Array(16).fill(1), [2, 8]),
      token_type_ids: whole(Array(16).fill(0), [2, 8]),
      labels: whole([0, 2], [2]),
      learning_rate: float([0.1], []),
      step: float([1], []),
      ...Object.fromEntries(
        full.trained.map(({ key, shape }) => [key, float([...(weights.find(([name]) => name === key)?.[1] ?? [])], shape)]),
      ),
      ...Object.fromEntries(zeros),
    };
    const models = [full, mixed].map(({ model }) => Buffer.from(encodeModel(model)).toString("base64"));
    const [expected, found] = JSON.parse(runReferee(EVALUATOR, JSON.stringify({ models, feeds })).toString()) as Record<string, number[]>[];
    expect(Object.keys(found ?? {})).toEqual(Object.keys(expected ?? {}));
    expect(found).not.toEqual(expected);
    for (const [name, values] of Object.entries(expected ?? {})) {
      const worst = Math.max(...values.map((value, index) => Math.abs(value - (found?.[name]?.[index] ?? Number.NaN))));
      expect(worst, name).toBeLessThan(2e-3 * Math.max(1, ...values.map(Math.abs)));
    }
  });
});

test("the processor refuses it: it would compute the same as in full precision", async () => {
  const events = train({
    base,
    tokenizer: tinyTokenizer(),
    openSession,
    precision: "mixed",
    task: { type: "text-classification", rows: tinyRows(6) },
    method: { name: "lora" },
  });
  await expect(events.next()).rejects.toMatchObject({ code: "USAGE", hint: expect.stringContaining("webgpu") });
});
