import { appendGradients } from "@graft/autodiff";
import type { Config } from "@graft/architectures";
import { initialise, type MethodOptions, planAdapter, type PlanTask } from "@graft/methods";
import { encodeModel } from "@graft/onnx";
import { type Feeds, floatValue, intValue } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { randomBase } from "@graft/train";
import { describe, expect, test } from "vitest";
import { TINY_GPT2 } from "../../architectures/test/cases/gpt2.ts";
import { TINY_LLAMA } from "../../architectures/test/cases/llama.ts";
import { BERT, DEBERTA, DISTILBERT, ROBERTA, VIT } from "../../architectures/test/encoders/switches.ts";
import { buildForward } from "../src/forward-graph.ts";

const TASK: PlanTask = { type: "text-classification", labels: ["no", "yes"] };
const TEXT: Readonly<Record<string, Config>> = { BERT, ROBERTA, DISTILBERT, DEBERTA, "GPT-2": TINY_GPT2, Llama: TINY_LLAMA };
/** In a causal model nothing behind the infix reads what stands there, but the head what the last block makes of it. */
const CAUSAL: ReadonlySet<string> = new Set(["GPT-2", "Llama"]);
const METHODS: readonly MethodOptions[] = [
  { name: "prefix-embedding", prefix: 3, infix: 2 },
  { name: "prefix-layer", prefix: 2, infix: 1 },
  { name: "bottleneck", variant: "H", size: 4 },
  { name: "bottleneck", variant: "P", size: 4 },
];

/** Rows as the inputs of a model, padded on the right to `width`. */
function feeds(rows: readonly (readonly number[])[], width: number): Record<string, Feeds[string]> {
  const grid = (fill: (row: readonly number[], column: number) => number): Feeds[string] =>
    intValue(
      [rows.length, width],
      rows.flatMap((row) => Array.from({ length: width }, (_, column) => fill(row, column))),
    );
  return {
    input_ids: grid((row, column) => row[column] ?? 1),
    attention_mask: grid((row, column) => Number(column < row.length)),
    token_type_ids: grid(() => 0),
    labels: intValue(
      [rows.length],
      rows.map((_, row) => row % 2),
    ),
  };
}

function numbers(outputs: Feeds, name: string): Float32Array {
  return (outputs[name] as Feeds[string]).data as Float32Array;
}

describe.each(Object.keys(TEXT))("on %s", (family) => {
  test.each(METHODS.map((method) => [JSON.stringify(method), method] as const))(
    "%s reads a row alone as beside a longer one, and is trained",
    async (_, method) => {
      const base = randomBase(TEXT[family] as Config, { seed: 3 });
      const plan = planAdapter(base, { method, task: TASK });
      const { builder, logits, loss } = buildForward({ base, plan });
      const gradients = appendGradients(builder, { loss, wrt: plan.trainables.map(({ key }) => key) });
      expect([...gradients.keys()].sort()).toEqual(plan.trainables.map(({ key }) => key).sort());
      builder.output(logits, { name: "answers", type: "float32", shape: ["rows", 2] });
      const added = plan.trainables.filter(({ role }) => role === "added");
      for (const { key, shape } of added) builder.output(gradients.get(key) ?? "", { name: `${key}.gradient`, type: "float32", shape });
      const start = await initialise(plan, { seed: 5, weights: base.weights });
      const values = Object.fromEntries(
        plan.trainables.map(({ key, shape }) => [
          key,
          floatValue(
            shape,
            (start.get(key) ?? new Float32Array()).map((value, index) => value + 0.2 * Math.sin(5 * index + key.length)),
          ),
        ]),
      );
      const session = await openSession(encodeModel(builder.model), { threads: 1, state: values });
      try {
        const run = (rows: readonly (readonly number[])[], width: number): Promise<Feeds> => {
          const fed = feeds(rows, width);
          return session.run(Object.fromEntries(Object.entries(fed).filter(([name]) => session.inputNames.includes(name))));
        };
        const rows = [
          [3, 7, 9],
          [4, 8, 12, 6, 5, 11],
        ];
        const together = await run(rows, 6);
        const alone = [await run([rows[0] ?? []], 3), await run([rows[1] ?? []], 6)];
        const expected = alone.flatMap((answer) => [...numbers(answer, "answers")]);
        const found = numbers(together, "answers");
        for (const [index, value] of found.entries()) expect(value).toBeCloseTo(expected[index] ?? Number.NaN, 5);
        for (const { key } of added.filter(({ module }) => !CAUSAL.has(family) || !/\.\d+\.prompt\.infix$/.test(module)))
          expect(Math.max(...numbers(together, `${key}.gradient`).map(Math.abs)), key).toBeGreaterThan(0);
      } finally {
        await session.close();
      }
    },
  );
});

test("a model of images takes bottleneck layers, and is told why it takes no prefix", () => {
  const base = randomBase(VIT, { seed: 1 });
  const task: PlanTask = { type: "text-classification", labels: ["no", "yes"] };
  const forward = (method: MethodOptions): unknown => buildForward({ base, plan: planAdapter(base, { method, task }) });
  expect(() => forward({ name: "bottleneck" })).not.toThrow();
  for (const name of ["prefix-embedding", "prefix-layer"] as const)
    expect(() => forward({ name })).toThrow(
      expect.objectContaining({ code: "ONNX_UNSUPPORTED", message: expect.stringContaining("input_ids") }),
    );
});
