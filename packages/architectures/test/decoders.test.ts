import { join } from "node:path";
import { openBase } from "@graft/architectures/node";
import { encodeModel } from "@graft/onnx";
import { type Feeds, intValue } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { describe, expect, test } from "vitest";
import { referee, runReferee } from "../../../test/referee.ts";
import { GPT2_CASES } from "./cases/gpt2.ts";
import { LLAMA_CASES } from "./cases/llama.ts";
import { randomTensors, temporaryFolder, writeCheckpoint } from "./tiny-bert.ts";

const CASES = { ...GPT2_CASES, ...LLAMA_CASES };

/** Rows as both sides take them. */
interface Rows {
  readonly ids: number[][];
  readonly mask: number[][];
}

const PROGRAM = `
import json, sys, torch
from transformers import AutoModelForCausalLM
torch.set_num_threads(1)
out = sys.stdout.buffer
for case in json.load(sys.stdin):
    model = AutoModelForCausalLM.from_pretrained(case["folder"], dtype=torch.float32, attn_implementation="eager").eval()
    for batch in case["batches"]:
        mask = torch.tensor(batch["mask"])
        with torch.no_grad():
            given = model(input_ids=torch.tensor(batch["ids"]), attention_mask=mask, position_ids=(mask.cumsum(-1) - 1).clamp(min=0), output_hidden_states=True)
        for value in (given.hidden_states[-1], given.logits):
            out.write(value.numpy().astype("<f4").tobytes())
`;

/** Rows of different lengths, padded at one side. */
function rows(lengths: readonly number[], side: "left" | "right"): Rows {
  const width = Math.max(...lengths);
  const place = (row: number, fill: (column: number) => number): number[] => {
    const length = lengths[row] ?? 0;
    const real = Array.from({ length }, (_, column) => fill(column));
    const padding = Array.from({ length: width - length }, () => 0);
    return side === "left" ? [...padding, ...real] : [...real, ...padding];
  };
  return {
    ids: lengths.map((_, row) => place(row, (column) => (row * 31 + column * 7 + 1) % 40)),
    mask: lengths.map((_, row) => place(row, () => 1)),
  };
}

function feeds({ ids, mask }: Rows): Feeds {
  const dims = [ids.length, ids[0]?.length ?? 0];
  return { input_ids: intValue(dims, ids.flat()), attention_mask: intValue(dims, mask.flat()) };
}

/** Largest difference at real positions, relative to the largest number where that is above 1. */
function difference(left: Float32Array, { right, mask }: { right: Float32Array; mask: readonly number[] }): number {
  if (left.length !== right.length) return Infinity;
  const width = left.length / mask.length;
  const scale = Math.max(1, ...Array.from(right, Math.abs));
  return left.reduce(
    (most, value, index) =>
      mask[Math.floor(index / width)] === 0 ? most : Math.max(most, Math.abs(value - (right[index] ?? NaN)) / scale),
    0,
  );
}

describe.skipIf(referee === undefined)("hidden states and logits of decoders equal those of transformers", () => {
  test("for every switch, with padding on either side", { timeout: 120_000 }, async () => {
    const root = await temporaryFolder();
    const cases = await Promise.all(
      Object.entries(CASES).map(async ([name, { config, lengths = [9, 1, 5], ...options }], index) => {
        const tied = config["tie_word_embeddings"] ?? (config["model_type"] === "gpt2" || config["model_type"] === "smollm3");
        const tensors = randomTensors(config, options);
        if (tied === true) tensors.delete("lm_head.weight");
        const folder = await writeCheckpoint(join(root, String(index)), { config, tensors });
        return {
          name,
          folder,
          hidden: Number(config["hidden_size"] ?? config["n_embd"]),
          batches: [rows(lengths, "right"), rows(lengths, "left")],
        };
      }),
    );
    const bytes = runReferee(PROGRAM, JSON.stringify(cases.map(({ folder, batches }) => ({ folder, batches }))));
    const all = new Float32Array(new Uint8Array(bytes).buffer);
    let start = 0;
    const next = (length: number): Float32Array => all.subarray(start, (start += length));
    for (const { name, folder, hidden, batches } of cases) {
      const base = await openBase(folder);
      const session = await openSession(encodeModel(base.model), { folder: base.folder, threads: 1 });
      for (const [side, batch] of batches.entries()) {
        const given = await session.run(feeds(batch));
        const mask = batch.mask.flat();
        const where = `${name}, padded ${side === 0 ? "right" : "left"}`;
        expect(
          difference(given["last_hidden_state"]?.data as Float32Array, { right: next(mask.length * hidden), mask }),
          where,
        ).toBeLessThan(1e-4);
        expect(difference(given["logits"]?.data as Float32Array, { right: next(mask.length * 40), mask }), where).toBeLessThan(1e-4);
      }
      await session.close();
    }
    expect(start).toBe(all.length);
  });
});
