import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBase } from "@graft/architectures/node";
import { loadGenerator, type TextGenerator } from "@graft/loader/node";
import { encodeModel, pruneModel, replaceUses, valueInfo } from "@graft/onnx";
import { drawToken, type GenerateTextOptions, processScores } from "@graft/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomAdapter } from "./random-adapter.ts";
import { referee, runReferee } from "../../../test/referee.ts";
import { GPT2, LLAMA, specialId, VOCABULARY, writeTinyDecoder } from "../../../test/tiny-decoder.ts";

let root: string;
const folders: Record<string, string> = {};
const CONFIGS = {
  "GPT-2": GPT2,
  Llama: LLAMA,
  Mistral: { ...LLAMA, model_type: "mistral", sliding_window: 5, tie_word_embeddings: false },
  "SmolLM 3": { ...LLAMA, model_type: "smollm3", no_rope_layers: [1, 0] },
};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "graft-generate-"));
  for (const [name, config] of Object.entries(CONFIGS)) folders[name] = await writeTinyDecoder(join(root, name), config);
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Prompts of different lengths. */
const PROMPTS = [9, 2, 5].map((length, row) => Array.from({ length }, (_, column) => (row * 37 + column * 11 + 40) % 250));
const EVERY = specialId("<|im_end|>");

/** Searches that both sides do; tokens that are likely stand among the ends, so that some texts end early. */
const SEARCHES: Readonly<Record<string, GenerateTextOptions & { maxTokens: number }>> = {
  greedy: { maxTokens: 24 },
  "greedy without repeated pairs": { maxTokens: 24, noRepeatNgram: 2 },
  "three beams": { maxTokens: 12, beams: 3 },
  "four beams that like long texts": { maxTokens: 16, beams: 4, lengthPenalty: 2, noRepeatNgram: 3 },
  "two beams that like short texts": { maxTokens: 16, beams: 2, lengthPenalty: -1 },
};

/** Scores to be changed before a token is drawn; the tokens so far have runs that come again. */
const PROCESSORS = [
  { noRepeatNgram: 2 },
  { noRepeatNgram: 3, temperature: 0.7 },
  { temperature: 1.7, topK: 5 },
  { topP: 0.8 },
  { temperature: 0.5, topK: 12, topP: 0.6 },
  { topP: 0.01 },
].map((options, index) => ({
  options,
  tokens: [1, 2, 3, 1, 2, 4, 1, 2],
  logits: Array.from({ length: 30 }, (_, token) => Math.fround(3 * Math.sin(token * 1.7 + index))),
}));

const PROGRAM = `
import json, sys, torch
from transformers import AutoModelForCausalLM
torch.set_num_threads(1)
job = json.load(sys.stdin)
from transformers.generation.logits_process import LogitsProcessorList, NoRepeatNGramLogitsProcessor, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper
processed = []
for case in job["processors"]:
    steps = LogitsProcessorList()
    if "noRepeatNgram" in case["options"]: steps.append(NoRepeatNGramLogitsProcessor(case["options"]["noRepeatNgram"]))
    if "temperature" in case["options"]: steps.append(TemperatureLogitsWarper(case["options"]["temperature"]))
    if "topK" in case["options"]: steps.append(TopKLogitsWarper(case["options"]["topK"]))
    if "topP" in case["options"]: steps.append(TopPLogitsWarper(case["options"]["topP"]))
    scores = steps(torch.tensor([case["tokens"]]), torch.tensor([case["logits"]]))[0]
    processed.append([None if value == float("-inf") else value for value in scores.tolist()])
answers = []
for folder in job["folders"]:
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    width = max(map(len, job["prompts"]))
    ids = torch.tensor([[job["pad"]] * (width - len(p)) + p for p in job["prompts"]])
    mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in job["prompts"]])
    for search in job["searches"]:
        for ends in job["ends"]:
            out = model.generate(input_ids=ids, attention_mask=mask, do_sample=False, pad_token_id=job["pad"], eos_token_id=ends, **search)
            answers.append(out[:, width:].tolist())
json.dump({"answers": answers, "processed": processed}, sys.stdout)
`;

const PAD = specialId("<pad>");

/** Without what a batch appends to rows that ended before others. */
function withoutPadding(ids: readonly number[]): number[] {
  const end = ids.indexOf(PAD);
  return ids.slice(0, end < 0 ? ids.length : end);
}

describe.skipIf(referee === undefined)("generated tokens are those of transformers", () => {
  test("greedy and with beams, for prompts of different lengths, with a cache and without", { timeout: 180_000 }, async () => {
    // The second list holds a sixth of all tokens: some texts end soon.
    const ends = [[EVERY], [EVERY, ...Array.from({ length: VOCABULARY / 6 }, (_, index) => index * 6)].filter((id) => id < PAD)];
    const searches = Object.values(SEARCHES);
    const { answers, processed } = JSON.parse(
      runReferee(
        PROGRAM,
        JSON.stringify({
          folders: Object.values(folders),
          prompts: PROMPTS,
          pad: PAD,
          processors: PROCESSORS,
          ends,
          searches: searches.map(({ maxTokens, beams = 1, lengthPenalty = 1, noRepeatNgram = 0 }) => ({
            max_new_tokens: maxTokens,
            num_beams: beams,
            length_penalty: lengthPenalty,
            no_repeat_ngram_size: noRepeatNgram,
          })),
        }),
      ).toString(),
    ) as { answers: number[][][]; processed: (number | null)[][] };
    for (const [index, { options, tokens, logits }] of PROCESSORS.entries()) {
      const given = Array.from(processScores(Float32Array.from(logits), tokens, options), (value) => (value === -Infinity ? null : value));
      for (const [at, want] of (processed[index] ?? []).entries())
        expect(given[at] ?? null, `${JSON.stringify(options)}, token ${at}`).toSatisfy(
          (value) => value === want || Math.abs(value - (want ?? NaN)) < 1e-5,
        );
    }
    let next = 0;
    const early = new Set<string>();
    for (const [name, folder] of Object.entries(folders)) {
      await using cached = await loadGenerator(folder, { threads: 1 });
      await using plain = await loadGenerator(folder, { threads: 1, keyCache: false });
      expect([cached.cached, plain.cached]).toEqual([true, false]);
      for (const [search, options] of Object.entries(SEARCHES)) {
        for (const endIds of ends) {
          const want = (answers[next++] ?? []).map(withoutPadding);
          const given = await cached.generate(PROMPTS, { ...options, endIds });
          expect(
            given.map(({ ids }) => ids),
            `${name}, ${search}`,
          ).toEqual(want);
          expect(
            (await plain.generate(PROMPTS, { ...options, endIds })).map(({ ids }) => ids),
            `${name}, ${search}, without a cache`,
          ).toEqual(want);
          for (const { finish } of given) early.add(finish);
        }
      }
    }
    expect(next).toBe(answers.length);
    expect([...early].sort()).toEqual(["end", "length"]);
  });
});

describe("sampling", () => {
  test("draws tokens as often as their scores say, and never one that was taken out", () => {
    const scores = Float32Array.from([1, -Infinity, 2, 0, -1]);
    const draws = 20_000;
    const drawn = Array.from({ length: draws }, (_, draw) => drawToken(scores, (draw + 0.5) / draws));
    const counts = Array.from(scores, (_, token) => drawn.filter((one) => one === token).length);
    const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
    for (const [token, score] of scores.entries()) expect((counts[token] ?? 0) / draws).toBeCloseTo(Math.exp(score) / total, 3);
  });

  test("draws the same tokens for the same seed, row by row, whatever else is in the batch", async () => {
    await using generator = await loadGenerator(folders["Llama"] ?? "", { threads: 1 });
    const options = { maxTokens: 12, temperature: 1.2, topK: 40, topP: 0.95, seed: 3, endIds: [] };
    const together = await generator.generate(PROMPTS, options);
    const again = await generator.generate(PROMPTS, { ...options, batchSize: 1 });
    expect(again.map(({ ids }) => ids)).toEqual(together.map(({ ids }) => ids));
    const other = await generator.generate(PROMPTS, { ...options, seed: 4 });
    expect(other.map(({ ids }) => ids)).not.toEqual(together.map(({ ids }) => ids));
  });
});

describe("an answer", () => {
  test("ends before a text that stops it, and is told piece by piece", async () => {
    await using generator = await loadGenerator(folders["GPT-2"] ?? "", { threads: 1 });
    const [whole] = await generator.generate(["a bird is"], { maxTokens: 20, endIds: [] });
    const text = whole?.text ?? "";
    const stop = text.slice(8, 11);
    const pieces: string[] = [];
    const [cut] = await generator.generate(["a bird is"], {
      maxTokens: 20,
      endIds: [],
      stop: [stop],
      onText: (_, piece) => pieces.push(piece),
    });
    expect(cut).toMatchObject({ finish: "stop", text: text.slice(0, text.indexOf(stop)) });
    expect(pieces.join("")).toBe(cut?.text);
  });

  test("to a conversation goes on from the template's prompt", async () => {
    await using generator = await loadGenerator(folders["Llama"] ?? "", { threads: 1 });
    const [chat, text] = await generator.generate(
      [[{ role: "user", content: "Is it raining?" }], "<|im_start|>user\nIs it raining?<|im_end|>\n<|im_start|>assistant\n"],
      { maxTokens: 8 },
    );
    expect(chat).toEqual(text);
  });
});

test("an ONNX file with a cache is used as it is, position ids and all", async () => {
  const folder = folders["GPT-2"] ?? "";
  const { model } = await openBase(folder, { cache: true });
  // As exporters write it: positions come from outside.
  const graph = model.graph;
  const places = graph?.node.find(({ opType, input }) => opType === "Gather" && input[0] === "wpe.weight")?.input[1] ?? "";
  if (graph !== undefined) {
    graph.input.push(valueInfo("position_ids", "int64", ["batch", "sequence"]));
    replaceUses(graph, places, "position_ids");
  }
  pruneModel(model);
  await writeFile(join(folder, "decoder.onnx"), encodeModel(model));
  await using exported = await loadGenerator(join(folder, "decoder.onnx"), { threads: 1 });
  await using checkpoint = await loadGenerator(folder, { threads: 1 });
  expect(exported.cached).toBe(true);
  const options = { maxTokens: 16, beams: 2 };
  expect(await exported.generate(PROMPTS, options)).toEqual(await checkpoint.generate(PROMPTS, options));
});

test.each(["GPT-2", "Llama"])(
  "%s: adapters are switched between long answers, each as if it were alone, and back to the base",
  async (name) => {
    const folder = folders[name] ?? "";
    const base = await openBase(folder);
    const task = { type: "causal-language-modelling" } as const;
    const made = await Promise.all(
      [1, 2].map((seed) =>
        randomAdapter(base, {
          seed,
          task,
          size: 0.5,
          method: { name: "lora", rank: 1 + seed },
          changes: { name: `@test/${seed === 1 ? "one" : "two"}`, version: "1.0.0" },
        }),
      ),
    );
    const answer = async (generator: TextGenerator): Promise<readonly number[]> =>
      (await generator.generate([[1, 5, 7]], { maxTokens: 12 }))[0]?.ids ?? [];
    const alone: (readonly number[])[] = [];
    for (const adapters of [made.slice(0, 1), made.slice(1), []]) {
      await using generator = await loadGenerator(folder, { adapters, threads: 1 });
      alone.push(await answer(generator));
    }
    await using generator = await loadGenerator(folder, { adapters: made, threads: 1 });
    expect(generator.cached).toBe(true);
    expect(await answer(generator)).toEqual(alone[0]);
    const begun = answer(generator);
    generator.switch("@test/two");
    expect(await answer(generator)).toEqual(alone[1]);
    expect(await begun).toEqual(alone[0]);
    generator.switch(null);
    expect(await answer(generator)).toEqual(alone[2]);
    generator.switch("@test/one");
    expect(await answer(generator)).toEqual(alone[0]);
    expect(new Set(alone.map(String)).size).toBeGreaterThan(1);
  },
);

describe("what cannot be generated is refused", () => {
  test("prompts that fill the model, numbers that mean nothing, beams that draw", async () => {
    await using generator = await loadGenerator(folders["GPT-2"] ?? "", { threads: 1 });
    const refused = (prompt: readonly number[] | string, options: GenerateTextOptions = {}) =>
      expect(generator.generate([prompt], options)).rejects;
    await refused(Array.from({ length: 128 }, () => 40)).toMatchObject({
      code: "USAGE",
      message: expect.stringContaining("the prompt has 128 tokens, want fewer than the 128"),
    });
    await refused("").toMatchObject({ code: "USAGE", message: expect.stringContaining("no tokens") });
    await refused("a", { topP: 2 }).toMatchObject({ code: "USAGE", message: expect.stringContaining("top-p is 2") });
    await refused("a", { maxTokens: 0 }).toMatchObject({ code: "USAGE" });
    await refused("a", { beams: 2, temperature: 1 }).toMatchObject({ code: "USAGE", message: expect.stringContaining("draws nothing") });
    await refused("a", { signal: AbortSignal.abort() }).toMatchObject({ code: "CANCELLED" });
  });

  test("and a text stops where the model's longest sequence does", async () => {
    await using generator = await loadGenerator(folders["GPT-2"] ?? "", { threads: 1 });
    const [answer] = await generator.generate([Array.from({ length: 120 }, (_, index) => 40 + index)], { maxTokens: 50, endIds: [] });
    expect(answer).toMatchObject({ finish: "length" });
    expect(answer?.ids).toHaveLength(8);
  });
});
