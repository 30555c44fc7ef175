import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appendGradients } from "@graft/autodiff";
import type { Base } from "@graft/architectures";
import { openBase, writeModel } from "@graft/architectures/node";
import { initialise, planAdapter, type PlanTask, resolveTargets } from "@graft/methods";
import { cloneModel, floatTensor, floatValues, matrices, type ModelProto, quantiseModel, recomputeFrozen } from "@graft/onnx";
import { type Feeds, floatValue, intValue } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { type EndEvent, randomBase, train, type TrainEvent } from "@graft/train";
import { describe, expect, test } from "vitest";
import { buildForward } from "../src/forward-graph.ts";
import { openGraph } from "../src/trainer.ts";
import { CONFIG, tinyBase, tinyRows, tinyTokenizer } from "./tiny.ts";

const TASK: PlanTask = { type: "text-classification", labels: ["animal", "place", "plant"] };
const METHOD = { name: "lora", rank: 4, targets: "all-linear" } as const;
const FORMS = ["nf4", "int4", "int8"] as const;

const dense = (base: Base): ReturnType<typeof matrices> => resolveTargets(matrices(base.model), { targets: "all-linear", family: "bert" });

async function quantised(base: Base, to: (typeof FORMS)[number]): Promise<Base> {
  return { ...base, model: await quantiseModel(base, { matrices: dense(base), to }) };
}

/** The same base in float32, with the values that the codes mean. */
async function meant(base: Base, packed: Base): Promise<Base> {
  const model = cloneModel(base.model);
  const codes = new Map(matrices(packed.model).map((matrix) => [matrix.module, matrix]));
  for (const { module, initializer, in: columns, out } of dense(base)) {
    const tensor = codes.get(module)?.tensor;
    if (tensor === undefined) throw new Error(`there is no ${module}`);
    const stored = await floatValues(tensor, packed.weights);
    // Stored as its product reads it, [in, out]; the checkpoint's is [out, in].
    const values = Float32Array.from(stored, (_, index) => stored[(index % columns) * out + Math.floor(index / columns)] ?? 0);
    const initializers = (model.graph as NonNullable<ModelProto["graph"]>).initializer;
    initializers[initializers.findIndex(({ name }) => name === initializer)] = floatTensor(initializer, [out, columns], values);
  }
  return { ...base, model };
}

const ROWS: Feeds = {
  input_ids: intValue([2, 5], [2, 9, 14, 7, 3, 2, 11, 3, 0, 0]),
  attention_mask: intValue([2, 5], [1, 1, 1, 1, 1, 1, 1, 1, 0, 0]),
  token_type_ids: intValue([2, 5], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
  labels: intValue([2], [2, 0]),
};

/** Loss and gradients of every trainable, away from the start. */
async function gradients(base: Base): Promise<Feeds> {
  const plan = planAdapter(base, { method: METHOD, task: TASK });
  const { builder, loss } = buildForward({ base, plan });
  const found = appendGradients(builder, { loss, wrt: plan.trainables.map(({ key }) => key) });
  recomputeFrozen(builder);
  builder.output(loss, { name: "loss", type: "float32", shape: [] });
  for (const { key, shape } of plan.trainables) builder.output(found.get(key) ?? "", { name: `${key}.gradient`, type: "float32", shape });
  const start = await initialise(plan, { seed: 5, weights: base.weights });
  const state = Object.fromEntries(
    plan.trainables.map(({ key, shape }) => [
      key,
      floatValue(
        shape,
        (start.get(key) ?? new Float32Array()).map((value, index) => value + 0.1 * Math.sin(index)),
      ),
    ]),
  );
  const session = await openGraph(builder.model, { openSession, state, threads: 1 });
  try {
    return await session.run(ROWS);
  } finally {
    await session.close();
  }
}

describe.each(FORMS)("LoRA over a base in %s", (to) => {
  test("has the loss and the gradients of a base in float32 with the same values", async () => {
    const base = tinyBase();
    const packed = await quantised(base, to);
    const [found, wanted] = [await gradients(packed), await gradients(await meant(base, packed))];
    expect(Object.keys(found).length).toBeGreaterThan(20);
    for (const [name, { data }] of Object.entries(wanted)) {
      const scale = Math.max(1e-3, ...(data as Float32Array).map(Math.abs));
      const own = found[name]?.data ?? [];
      for (const [index, value] of (data as Float32Array).entries())
        expect(Math.abs(value - Number(own[index])) / scale, name).toBeLessThan(1e-4);
    }
  });

  test("lowers the loss, and its targets are known by what the codes mean", async () => {
    const base = await quantised(tinyBase(), to);
    const events: TrainEvent[] = [];
    const task = { type: "text-classification", rows: tinyRows(48) } as const;
    const options = {
      base,
      tokenizer: tinyTokenizer(),
      openSession,
      threads: 1,
      task,
      method: METHOD,
      epochs: 8,
      batchSize: 8,
      learningRate: 2e-2,
    };
    for await (const event of train(options)) events.push(event);
    const losses = events.flatMap((event) => (event.type === "step" ? [event.loss] : []));
    expect(losses.slice(-3).reduce((sum, loss) => sum + loss, 0)).toBeLessThan(
      0.8 * losses.slice(0, 3).reduce((sum, loss) => sum + loss, 0),
    );
    const { result } = events.at(-1) as EndEvent;
    if (result.kind !== "adapter") throw new Error("there is no adapter");
    expect(new Set(result.manifest.targets.map(({ digest }) => digest)).size).toBe(12);
  });
});

test("the codes are in memory once: a step over 100 MB of float32 in NF4 takes less than one copy of them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "graft-nf4-"));
  const base = randomBase({ ...CONFIG, hidden_size: 512, intermediate_size: 1024, num_hidden_layers: 12 }, { seed: 1 });
  const floats = dense(base).reduce((sum, { in: columns, out }) => sum + 4 * columns * out, 0);
  expect(floats).toBeGreaterThan(1e8);
  await writeModel(join(folder, "nf4"), { model: (await quantised(base, "nf4")).model, base });
  await writeModel(join(folder, "float32"), { model: base.model, base });
  // What the runtime itself takes.
  const small = tinyBase();
  await writeModel(join(folder, "small"), { model: small.model, base: small });
  const peak = (name: string): number => {
    const script = join(import.meta.dirname, "quantised-process.ts");
    const out = execFileSync(process.execPath, ["--conditions=@graft/source", script, join(folder, name)], { encoding: "utf8" });
    return (JSON.parse(out.trim().split("\n").at(-1) ?? "") as { peak: number }).peak;
  };
  const runtime = peak("small");
  const [packed, plain] = [peak("nf4") - runtime, peak("float32") - runtime];
  console.log(
    `a step takes ${Math.round(packed / 1e6)} MB for ${Math.round(floats / 1e6)} MB of float32 in NF4, and ${Math.round(plain / 1e6)} MB for them as they are`,
  );
  expect(plain).toBeGreaterThan(floats);
  // Peaks of whole processes vary by some 30 MB.
  expect(packed).toBeLessThan(0.8 * floats);
  expect(packed).toBeLessThan(plain / 2);
  const opened = await openBase(join(folder, "nf4"));
  expect(matrices(opened.model).filter(({ quantised: codes }) => codes === true)).toHaveLength(72);
});
