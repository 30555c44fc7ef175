import { appendGradients } from "@graft/autodiff";
import { openAdapter } from "@graft/format";
import { initialise, type MethodOptions, METHODS, type Plan, planAdapter, type PlanTask } from "@graft/methods";
import { encodeModel, type GraphBuilder } from "@graft/onnx";
import { type Feeds, floatValue, intValue, type Session } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { type EndEvent, train, type TrainEvent } from "@graft/train";
import { describe, expect, test } from "vitest";
import { buildForward } from "../src/forward-graph.ts";
import { tinyBase, tinyRows, tinyTokenizer } from "./tiny.ts";

const base = tinyBase();
const TASK: PlanTask = { type: "text-classification", labels: ["animal", "place", "plant"] };

/** Every method as it comes, and forms of methods that are built in another way. */
const METHOD_FORMS: readonly MethodOptions[] = [
  ...Object.keys(METHODS).map((name) => ({ name }) as MethodOptions),
  { name: "lora", rank: 4, targets: "all-linear", bias: "all", learningRateRatio: 4, dropout: 0.2 },
  { name: "lora", rank: 2, targets: ["word_embeddings", "query"], bias: "lora_only", initialisation: "gaussian" },
  { name: "dora", rank: 2, targets: ["word_embeddings", "intermediate.dense"] },
  { name: "last-layers", layers: 1 },
  { name: "prefix-embedding", prefix: 2, infix: 3 },
  { name: "prefix-layer", prefix: 0, infix: 3 },
  { name: "bottleneck", variant: "L", activation: "tanh" },
  { name: "bottleneck", variant: "P", activation: "gelu" },
  { name: "bottleneck", variant: "D", size: 4 },
];

/** Two rows, one of them padded. */
const FEEDS: Feeds = {
  input_ids: intValue([2, 5], [2, 9, 14, 7, 3, 2, 11, 3, 0, 0]),
  attention_mask: intValue([2, 5], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0]),
  token_type_ids: intValue([2, 5], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
  labels: intValue([2], [2, 0]),
};

describe.each(METHOD_FORMS.map((method) => [JSON.stringify(method), method] as const))("%s", (_, method) => {
  test("has the gradients that finite differences give through the whole graph", async () => {
    const plan = planAdapter(base, { method, task: TASK });
    const values = await scattered(plan);
    const { session, held } = await gradientSession(plan);
    const constant = await holding(plan, held);
    try {
      const gradients = await session.run({ ...FEEDS, ...values });
      const holds = Object.fromEntries(held.map((value) => [value, gradients[`${value}.held`] as Feeds[string]]));
      const loss = async (key: string, moved: Float32Array): Promise<number> => {
        const { dims } = values[key] ?? floatValue([], new Float32Array());
        const outputs = await constant.run({ ...FEEDS, ...values, ...holds, [key]: floatValue(dims, moved) });
        return Number(outputs["loss"]?.data[0]);
      };
      for (const { key } of plan.trainables) {
        const start = (values[key] as Feeds[string]).data as Float32Array;
        const gradient = gradients[`${key}.gradient`]?.data as Float32Array;
        const direction = gradient.map((value, index) => value + 0.3 * norm(gradient) * Math.sin(index + 1));
        const length = norm(direction);
        expect(length, key).toBeGreaterThan(0);
        const at = (step: number): Promise<number> =>
          loss(
            key,
            start.map((value, index) => value + (step * (direction[index] ?? 0)) / length),
          );
        const h = 0.01;
        const [near, far] = [(await at(h)) - (await at(-h)), (await at(2 * h)) - (await at(-2 * h))];
        const numeric = (8 * near - far) / (12 * h);
        const analytic = gradient.reduce((sum, value, index) => sum + (value * (direction[index] ?? 0)) / length, 0);
        expect(Math.abs(numeric - analytic), key).toBeLessThan(0.02 * Math.abs(analytic) + 2e-4);
      }
    } finally {
      await session.close();
      await constant.close();
    }
  });

  test("changes exactly the tensors of its plan, lowers the loss, and comes back from its file", async () => {
    const plan = planAdapter(base, { method, task: TASK });
    const start = await initialise(plan, { seed: 42, weights: base.weights });
    const events: TrainEvent[] = [];
    for await (const event of train({
      base,
      tokenizer: tinyTokenizer(),
      openSession,
      threads: 1,
      task: { type: "text-classification", rows: tinyRows(48) },
      method,
      epochs: 4,
      batchSize: 8,
      weightDecay: 0,
    }))
      events.push(event);
    const { result } = events.at(-1) as EndEvent;
    if (result.kind !== "adapter") throw new Error("there is no adapter");
    const adapter = await openAdapter(result.bytes);
    expect([...adapter.header.tensors.keys()].sort()).toEqual(plan.trainables.map(({ key }) => key).sort());
    expect(adapter.manifest.method).toMatchObject(plan.method);
    for (const { key, role } of plan.trainables) {
      expect(await adapter.values(key), key).not.toEqual(start.get(key));
      const listed = adapter.manifest.tensors.find((tensor) => tensor.key === key);
      expect(listed?.role ?? "target").toBe(role);
    }
    const losses = events.flatMap((event) => (event.type === "step" ? [event.loss] : []));
    const mean = (list: readonly number[]): number => list.reduce((sum, loss) => sum + loss, 0) / list.length;
    expect(mean(losses.slice(-6))).toBeLessThan(mean(losses.slice(0, 6)));
  });
});

/** Every trainable away from its start, so that no gradient is zero by a zero beside it. */
async function scattered(plan: Plan): Promise<Record<string, Feeds[string]>> {
  const start = await initialise(plan, { seed: 5, weights: base.weights });
  return Object.fromEntries(
    plan.trainables.map(({ key, shape }) => [
      key,
      floatValue(
        shape,
        (start.get(key) ?? new Float32Array()).map((value, index) => value + 0.1 * Math.sin(7 * index + key.length)),
      ),
    ]),
  );
}

/** Values that no gradient passes: DoRA's norm is a constant backward (arXiv 2402.09353, §4.3). */
function stopped(builder: GraphBuilder): string[] {
  const marked = builder.graph.node.filter(({ metadataProps }) => metadataProps.some(({ key }) => key === "graft.gradient"));
  return marked.flatMap(({ output }) => output);
}

/** Gives the loss, every gradient, and the values that are held constant. */
async function gradientSession(plan: Plan): Promise<{ session: Session; held: string[] }> {
  const { builder, loss } = buildForward({ base, plan });
  const gradients = appendGradients(builder, { loss, wrt: plan.trainables.map(({ key }) => key) });
  builder.output(loss, { name: "loss", type: "float32", shape: [] });
  const held = stopped(builder);
  for (const value of held) builder.output(value, { name: `${value}.held`, type: "float32", shape: ["outputs"] });
  for (const { key, shape } of plan.trainables)
    builder.output(gradients.get(key) ?? "", { name: `${key}.gradient`, type: "float32", shape });
  return { session: await openSession(encodeModel(builder.model), { threads: 1 }), held };
}

/** Gives the loss, with some values as inputs. */
async function holding(plan: Plan, held: readonly string[]): Promise<Session> {
  const { builder, loss } = buildForward({ base, plan });
  builder.graph.node = builder.graph.node.filter(({ output }) => !held.includes(output[0] ?? ""));
  for (const value of held) builder.input(value, "float32", ["outputs"]);
  builder.output(loss, { name: "loss", type: "float32", shape: [] });
  return openSession(encodeModel(builder.model), { threads: 1 });
}

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
