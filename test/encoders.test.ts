import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkpointParameters, type Config, findFamily } from "@graft/architectures";
import { openBase } from "@graft/architectures/node";
import { openAdapter } from "@graft/format";
import { CONVENTIONS, initialise, injectPlan, MASKED_POSITIONS, matchTargets, mergeAdapter, planAdapter } from "@graft/methods";
import { encodeModel, GraphBuilder } from "@graft/onnx";
import { floatValue, intValue, padBatch } from "@graft/runtime";
import { buildStep, OPTIMISERS } from "@graft/train";
import { load } from "@graft/loader/node";
import { bytesSource, encodeSafetensors, fromFloat32, openSafetensors, toFloat32 } from "@graft/safetensors";
import { loadTokenizer, openSession } from "@graft/runtime/node";
import { trainFromFiles } from "@graft/train/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { numbers } from "../packages/autodiff/test/execute.ts";
import { TINY_GPT2 } from "../packages/architectures/test/cases/gpt2.ts";
import { TINY_LLAMA } from "../packages/architectures/test/cases/llama.ts";
import { BERT, DEBERTA, DISTILBERT, ROBERTA, VIT } from "../packages/architectures/test/encoders/switches.ts";
import { randomAdapter } from "../packages/loader/test/random-adapter.ts";
import { tinyRows, TOKENIZER_JSON } from "../packages/train/test/tiny.ts";
import { type Answer, askPeft } from "./peft.ts";
import { referee } from "./referee.ts";

/** Families of text, each as people mostly hold it. */
const CONFIGS: Readonly<Record<string, Config>> = {
  BERT,
  RoBERTa: ROBERTA,
  "XLM-R": { ...ROBERTA, model_type: "xlm-roberta" },
  DistilBERT: DISTILBERT,
  "DeBERTa-v3": DEBERTA,
  "DeBERTa-v2 with a convolution": { ...DEBERTA, share_att_key: false, conv_kernel_size: 3, conv_act: "gelu", pooler_hidden_act: "tanh" },
  // Decoders classify by their last token.
  "GPT-2": { ...TINY_GPT2, vocab_size: 60, n_positions: 32, pad_token_id: 0 },
  "Qwen 3": { ...TINY_LLAMA, model_type: "qwen3", head_dim: 8, vocab_size: 60, max_position_embeddings: 32, pad_token_id: 0 },
};
/** Those that predict hidden tokens. */
const MASKED = Object.keys(CONFIGS).filter((name) => !["GPT-2", "Qwen 3"].includes(name));
const IMAGES = [1, 2].map((seed) => ({ pixels: numbers(192, { seed }), dims: [3, 8, 8] }));
const TEXTS = ["a small cat", "the river in the old town", "rose"];

/** A checkpoint as the family's class for a task saves it, with random weights and the tokenizer of whole words. */
async function writeBase(folder: string, config: Config): Promise<string> {
  await mkdir(folder, { recursive: true });
  const { prefix } = CONVENTIONS[findFamily(config).name] ?? { prefix: "" };
  const tensors = checkpointParameters(config).map(({ name, shape, kind }, index) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const values = Float32Array.from(
      numbers(count, { seed: index + 1, low: -0.4, high: 0.4 }),
      (value) => value + (kind === "scale" ? 1 : 0),
    );
    return [`${prefix}.${name}`, { dtype: "F32" as const, shape, data: fromFloat32("F32", values) }] as const;
  });
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  await writeFile(join(folder, "model.safetensors"), encodeSafetensors(new Map(tensors), new Map([["format", "pt"]])));
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(TOKENIZER_JSON));
  return folder;
}

async function logits(base: string, options: { adapter: string; mode: "attach" | "merge" }): Promise<number[][]> {
  await using model = await load(base, { adapters: [options.adapter], mode: options.mode, threads: 1 });
  return (await model.run(TEXTS)).map((prediction) => [...prediction.logits]);
}

function difference(left: readonly (readonly number[])[], right: readonly (readonly number[])[]): number {
  return Math.max(...left.flatMap((row, index) => row.map((value, column) => Math.abs(value - (right[index]?.[column] ?? Number.NaN)))));
}

describe("every family of texts is trained to classify from its checkpoint", () => {
  let root = "";
  let answers: Answer[] = [];
  const adapters: Record<string, string> = {};
  let vision: Uint8Array = new Uint8Array();
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "graft-encoders-"));
    await writeFile(
      join(root, "rows.jsonl"),
      tinyRows(24)
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(""),
    );
    for (const [name, config] of Object.entries(CONFIGS)) {
      const base = await writeBase(join(root, name), config);
      adapters[name] = join(root, `${name}.safetensors`);
      const events = trainFromFiles({
        base,
        task: "text-classification",
        method: { name: "lora", rank: 2, targets: "all-linear" },
        data: join(root, "rows.jsonl"),
        batchSize: 8,
        steps: 4,
        learningRate: 0.02,
        threads: 1,
        output: adapters[name],
      });
      for await (const _ of events);
      if (!MASKED.includes(name)) continue;
      const masked = trainFromFiles({
        base,
        task: "masked-language-modelling",
        method: { name: "full" },
        data: tinyRows(16).map(({ text }) => text),
        batchSize: 8,
        steps: 2,
        learningRate: 0.05,
        threads: 1,
        output: join(root, `${name}, masked`),
      });
      for await (const _ of masked);
    }
    const images = await openBase(await writeBase(join(root, "ViT"), VIT));
    vision = await randomAdapter(images, { method: { name: "lora", rank: 2, targets: "all-linear" } });
    if (referee === undefined) return;
    const { tokenizer } = await loadTokenizer(join(root, "BERT/tokenizer.json"));
    const rows = TEXTS.map((text) => tokenizer.encode(text).ids);
    answers = await askPeft(
      await Promise.all([
        ...Object.entries(adapters).map(async ([name, adapter]) => ({ base: join(root, name), adapter: await readFile(adapter), rows })),
        { base: join(root, "ViT"), adapter: vision, rows: IMAGES },
        ...MASKED.map((name) => ({ base: join(root, `${name}, masked`), rows })),
      ]),
    );
  }, 120_000);
  afterAll(() => rm(root, { recursive: true, force: true }));

  test.each(Object.keys(CONFIGS))("%s: attached and merged logits are equal", async (name) => {
    const [base, adapter] = [join(root, name), adapters[name] ?? ""];
    const attached = await logits(base, { adapter, mode: "attach" });
    expect(difference(await logits(base, { adapter, mode: "merge" }), attached)).toBeLessThan(1e-4);
    expect(difference(attached, [...attached.slice(1), attached[0] ?? []]), "rows differ").toBeGreaterThan(1e-3);
  });

  test.skipIf(referee === undefined).each(Object.keys(CONFIGS))(
    "%s: PEFT reads the file onto the family's class and gives the same logits",
    async (name) => {
      const attached = await logits(join(root, name), { adapter: adapters[name] ?? "", mode: "attach" });
      const answer = answers[Object.keys(CONFIGS).indexOf(name)];
      expect(difference(attached, answer?.attached ?? [])).toBeLessThan(1e-4);
      expect(difference(attached, answer?.merged ?? [])).toBeLessThan(1e-4);
    },
  );

  test.skipIf(referee === undefined).each(MASKED)(
    "%s: transformers opens what masked-language modelling wrote as the family's class, and predicts the same",
    async (name) => {
      const answer = answers[Object.keys(CONFIGS).length + 1 + MASKED.indexOf(name)];
      expect(answer?.unknown).toEqual([]);
      const base = await openBase(join(root, `${name}, masked`));
      const builder = new GraphBuilder(base.model);
      const plan = planAdapter(base, { method: { name: "head" }, task: { type: "masked-language-modelling" } });
      const predicted = injectPlan(builder, plan, base);
      builder.output(predicted, { name: "logits", type: "float32", shape: ["masked", "vocabulary"] });
      const file = await openSafetensors(bytesSource(await readFile(base.files[0] ?? "")));
      const head = plan.trainables.map(async ({ key, shape }) => {
        const { dtype, data } = await file.tensor(key.replace("base_model.model.", ""));
        return [key, floatValue(shape, toFloat32(dtype, data))] as const;
      });
      const session = await openSession(encodeModel(builder.model), { folder: base.folder, threads: 1 });
      const { tokenizer } = await loadTokenizer(base.tokenizerFile ?? "");
      const texts = TEXTS.map(async (text) => {
        const feeds = padBatch([tokenizer.encode(text)], { padId: tokenizer.padId });
        const positions = intValue(
          [feeds.input_ids.data.length],
          Array.from(feeds.input_ids.data, (_, index) => index),
        );
        const all = { ...feeds, [MASKED_POSITIONS]: positions, ...Object.fromEntries(await Promise.all(head)) };
        const outputs = await session.run(Object.fromEntries(Object.entries(all).filter(([input]) => session.inputNames.includes(input))));
        return Array.from(outputs["logits"]?.data ?? [], Number);
      });
      const own = await Promise.all(texts);
      await session.close();
      expect(difference(own, answer?.attached ?? [])).toBeLessThan(1e-4);
    },
  );

  test("ViT: steps on two kinds of images lower the loss", async () => {
    const base = await openBase(join(root, "ViT"));
    const plan = planAdapter(base, {
      method: { name: "lora", rank: 2 },
      task: { type: "text-classification", labels: ["bright", "dark"] },
    });
    const step = buildStep({ base, plan, optimiser: OPTIMISERS.adamw, weightDecay: 0, maxGradientNorm: 1 });
    const values = await initialise(plan, { seed: 1, weights: base.weights });
    const state = Object.fromEntries(
      [...step.trained, ...step.slots].map(({ key, shape }) => {
        const size = shape.reduce((product, dim) => product * dim, 1);
        return [key, floatValue(shape, values.get(key) ?? new Float32Array(size))];
      }),
    );
    const session = await openSession(encodeModel(step.model), { folder: base.folder, threads: 1, state, carry: step.carry });
    const pixels = Float32Array.from(numbers(4 * 192), (value, index) => value + (Math.floor(index / 192) % 2 === 0 ? 1 : -1));
    const batch = { pixel_values: floatValue([4, 3, 8, 8], pixels), labels: intValue([4], [0, 1, 0, 1]) };
    const losses: number[] = [];
    for (let index = 1; index <= 12; index++) {
      const scalars = { learning_rate: floatValue([], Float32Array.of(0.05)), step: floatValue([], Float32Array.of(index)) };
      losses.push(Number((await session.run({ ...batch, ...scalars }))["loss"]?.data[0]));
    }
    await session.close();
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 2);
  });

  test.skipIf(referee === undefined)(
    "ViT: PEFT reads an adapter onto the family's class and gives the logits of the merged graph",
    async () => {
      const base = await openBase(join(root, "ViT"));
      const adapter = await openAdapter(vision);
      const { matches } = await matchTargets(base.model, adapter.manifest.targets);
      const merged = await mergeAdapter(base, { manifest: adapter.manifest, matches, values: (key) => adapter.values(key) });
      const session = await openSession(encodeModel(merged.model), { folder: base.folder, threads: 1 });
      const own = await Promise.all(
        IMAGES.map(async ({ pixels, dims }) => {
          const outputs = await session.run(
            { pixel_values: floatValue([1, ...dims], Float32Array.from(pixels)) },
            { fetches: [merged.output] },
          );
          return Array.from(outputs[merged.output]?.data ?? [], Number);
        }),
      );
      await session.close();
      expect(difference(own, answers[Object.keys(CONFIGS).length]?.attached ?? [])).toBeLessThan(1e-4);
      expect(difference(own, answers[Object.keys(CONFIGS).length]?.merged ?? [])).toBeLessThan(1e-4);
      expect(difference(own, own.toReversed()), "images differ").toBeGreaterThan(1e-3);
    },
  );

  test("a classifier's activation that heads do not have is refused by name", async () => {
    const base = await writeBase(join(root, "mish"), { ...DEBERTA, pooler_hidden_act: "mish" });
    const options = { base, task: "text-classification", method: { name: "head" }, data: join(root, "rows.jsonl") } as const;
    const error = {
      code: "ARCHITECTURE_UNSUPPORTED",
      message: expect.stringContaining('pooler_hidden_act "mish", want gelu, relu or tanh'),
    };
    await expect(trainFromFiles(options).next()).rejects.toMatchObject(error);
  });

  test("a tokenizer with more tokens than the checkpoint has word embeddings is refused, in training and in use", async () => {
    const base = await writeBase(join(root, "small"), { ...ROBERTA, vocab_size: 30 });
    const options = { base, task: "text-classification", method: { name: "head" }, data: join(root, "rows.jsonl") } as const;
    const error = { code: "TOKENIZER_INVALID", message: expect.stringContaining("the base has 30 word embeddings") };
    await expect(trainFromFiles(options).next()).rejects.toMatchObject(error);
    await expect(load(base, { adapters: [] })).rejects.toMatchObject(error);
  });
});
