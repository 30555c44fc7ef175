import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Base, Config } from "@graft/architectures";
import { openBase } from "@graft/architectures/node";
import { appendGradients } from "@graft/autodiff";
import { injectPlan, type Plan, planAdapter } from "@graft/methods";
import { cloneModel, encodeModel, fingerprint, GraphBuilder } from "@graft/onnx";
import { type Feeds, floatValue, intValue, padBatch } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { buildStep, OPTIMISERS, PASSES, type PassName } from "@graft/train";
import { beforeAll, describe, expect, test } from "vitest";
import { BERT, DEBERTA, DISTILBERT, ROBERTA, VIT } from "../packages/architectures/test/encoders/switches.ts";
import { numbers } from "../packages/autodiff/test/execute.ts";
import { referee, runReferee } from "./referee.ts";

const FAMILIES: Readonly<Record<string, Config>> = {
  bert: BERT,
  roberta: ROBERTA,
  distilbert: DISTILBERT,
  "deberta-v2": DEBERTA,
  vit: VIT,
};

/** Forms in which a family's graph is no longer the model, and what the error says. */
const REFUSED: Readonly<Record<string, string>> = {
  "deberta-v2, optimised by a session": "of distances was folded into a constant",
};

/** Paths by family and form, made by the referee once and kept while program and configurations stay the same. */
function encoderExports(): Record<string, Record<string, string>> {
  const script = readFileSync(join(import.meta.dirname, "referee/export_encoders.py"), "utf8");
  const wanted = JSON.stringify(FAMILIES);
  const version = createHash("sha256").update(script).update(wanted).digest("hex").slice(0, 12);
  const folder = join(process.env["GRAFT_EXPORTS"] ?? join(import.meta.dirname, "../.cache/exports"), `encoders-${version}`);
  mkdirSync(folder, { recursive: true });
  const answer = runReferee(script, `${folder}\n${wanted}\n`);
  return JSON.parse(answer.toString().trim().split("\n").at(-1) ?? "") as Record<string, Record<string, string>>;
}

function feedsOf(config: Config): Feeds {
  if (config["model_type"] === "vit") return { pixel_values: floatValue([2, 3, 8, 8], Float32Array.from(numbers(384))) };
  const rows = [9, 1, 5].map((length, row) => ({
    ids: Array.from({ length }, (_, column) => 2 + ((row * 31 + column * 7) % 48)),
    typeIds: Array.from({ length }, (_, column) => column % Math.max(1, Number(config["type_vocab_size"] ?? 1))),
  }));
  return padBatch(rows, { padId: Number(config["pad_token_id"]) });
}

async function run(base: Base, { model, feeds }: { model: Base["model"]; feeds: Feeds }): Promise<Feeds> {
  const session = await openSession(encodeModel(model), { folder: base.folder, threads: 1 });
  try {
    return await session.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputNames.includes(name))));
  } finally {
    await session.close();
  }
}

const values = (key: string, shape: readonly number[]): Float32Array =>
  Float32Array.from(
    numbers(
      shape.reduce((product, size) => product * size, 1),
      { seed: [...key].reduce((sum, letter) => sum + letter.charCodeAt(0), 0), low: -0.3, high: 0.3 },
    ),
  );

/** The logits of a classifier on adapters of all linear layers, and the gradient of each tensor of the adapter. */
async function differentiate(base: Base, feeds: Feeds): Promise<Feeds> {
  const plan: Plan = planAdapter(base, {
    method: { name: "lora", rank: 2, targets: "all-linear" },
    task: { type: "text-classification", labels: ["a", "b", "c"] },
  });
  const builder = new GraphBuilder(cloneModel(base.model));
  const logits = injectPlan(builder, plan, base);
  builder.graph.output.length = 0;
  const loss = builder.op("ReduceSum", [builder.op("Mul", [logits, builder.float([1, -2, 0.5])])], { attributes: { keepdims: 0 } });
  const found = appendGradients(builder, { loss, wrt: plan.trainables.map(({ key }) => key) });
  builder.output(logits, { name: "logits", type: "float32", shape: ["batch", 3] });
  for (const { key, shape } of plan.trainables) builder.output(found.get(key) ?? "", { name: `d ${key}`, type: "float32", shape });
  const weights = Object.fromEntries(plan.trainables.map(({ key, shape }) => [key, floatValue(shape, values(key, shape))]));
  return run(base, { model: builder.model, feeds: { ...feeds, ...weights } });
}

/** Loss and norm of the gradients of a step of training, without some passes over its graph. */
async function stepped(base: Base, feeds: Feeds, without: readonly PassName[]): Promise<number[]> {
  const plan = planAdapter(base, {
    method: { name: "lora", rank: 2, targets: "all-linear" },
    task: { type: "text-classification", labels: ["a", "b", "c"] },
  });
  const { model, slots } = buildStep({ base, plan, optimiser: OPTIMISERS.sgd, weightDecay: 0, maxGradientNorm: 0, without });
  const rows = Object.values(feeds)[0]?.dims[0] ?? 0;
  const outputs = await run(base, {
    model,
    feeds: {
      ...feeds,
      ...Object.fromEntries([...plan.trainables, ...slots].map(({ key, shape }) => [key, floatValue(shape, values(key, shape))])),
      labels: intValue(
        [rows],
        Array.from({ length: rows }, (_, row) => row % 3),
      ),
      learning_rate: floatValue([], Float32Array.of(1)),
      step: floatValue([], Float32Array.of(1)),
    },
  });
  return [outputs["loss"], outputs["gradient_norm"]].map((value) => Number(value?.data[0]));
}

/** Largest difference over the largest number, name by name. */
function errors(left: Feeds, right: Feeds): Record<string, number> {
  expect(Object.keys(left).toSorted()).toEqual(Object.keys(right).toSorted());
  return Object.fromEntries(
    Object.entries(right).map(([name, { data }]) => {
      const [own, expected] = [left[name]?.data as Float32Array, data as Float32Array];
      const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-2);
      const largest = expected.reduce((most, value, index) => Math.max(most, Math.abs(value - (own[index] ?? Number.NaN))), 0);
      return [name, largest / scale];
    }),
  );
}

describe.skipIf(referee === undefined)("a base is one base, as the bare model, as a task's and however it was exported", () => {
  let exports: Record<string, Record<string, string>> = {};
  beforeAll(() => {
    exports = encoderExports();
  }, 240_000);

  test.each(Object.entries(FAMILIES))(
    "%s: the same fingerprint, modules, logits and gradients",
    { timeout: 60_000 },
    async (family, config) => {
      const { checkpoint = "", ...forms } = exports[family] ?? {};
      const feeds = feedsOf(config);
      const base = await openBase(checkpoint);
      const print = await fingerprint(base.model, base.weights);
      const expected = await differentiate(base, feeds);
      const whole = await stepped(base, feeds, Object.keys(PASSES) as PassName[]);
      expect(Object.keys(forms).length).toBeGreaterThan(4);
      for (const [form, path] of Object.entries(forms)) {
        const name = `${family}, ${form}`;
        if (REFUSED[name] !== undefined) {
          await expect(openBase(path), name).rejects.toMatchObject({
            code: "ONNX_UNSUPPORTED",
            message: expect.stringContaining(REFUSED[name]),
          });
          continue;
        }
        const other = await openBase(path);
        expect(other, name).toMatchObject({ family: base.family, hiddenSize: base.hiddenSize, maxLength: base.maxLength });
        const found = await fingerprint(other.model, other.weights);
        expect(found.fingerprint, name).toBe(print.fingerprint);
        expect(found.matrices.map(({ module }) => module).toSorted(), name).toEqual(print.matrices.map(({ module }) => module).toSorted());
        const differing = Object.entries(errors(await differentiate(other, feeds), expected)).filter(([, error]) => !(error < 1e-3));
        expect(differing, name).toEqual([]);
        for (const without of [[], ["narrow-positions"]] satisfies PassName[][]) {
          const step = await stepped(other, feeds, without);
          expect(step, name).toEqual(whole.map((value) => expect.closeTo(value, 3)));
        }
      }
    },
  );
});
