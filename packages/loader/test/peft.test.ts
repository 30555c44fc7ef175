import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Base } from "@graft/architectures";
import { openBase } from "@graft/architectures/node";
import { openAdapter, peftConfig } from "@graft/format";
import { load } from "@graft/loader/node";
import type { MethodOptions } from "@graft/methods";
import { minilmExports } from "../../../test/exports.ts";
import { referee, runReferee } from "../../../test/referee.ts";
import { randomAdapter } from "./random-adapter.ts";
import { tinyBase } from "../../methods/test/tiny-base.ts";

const PEFT = `
import sys, json, torch
from transformers import BertForSequenceClassification
from peft import PeftModel
request = json.load(sys.stdin)
model = BertForSequenceClassification.from_pretrained(request["base"], num_labels=request["labels"], torch_dtype=torch.float32)
model = PeftModel.from_pretrained(model, request["adapter"]).eval()
def logits(model):
    with torch.no_grad():
        return [model(input_ids=torch.tensor([row]), attention_mask=torch.ones(1, len(row), dtype=torch.long)).logits[0].tolist() for row in request["rows"]]
attached = logits(model)
print(json.dumps({"attached": attached, "merged": logits(model.merge_and_unload())}))
`;

interface Answer {
  readonly attached: number[][];
  readonly merged: number[][];
}

/** What PEFT says with the same file on the same checkpoint. */
async function askPeft(base: string, adapter: Uint8Array, rows: readonly (readonly number[])[]): Promise<Answer> {
  const folder = await mkdtemp(join(tmpdir(), "graft-peft-"));
  const { manifest } = await openAdapter(adapter);
  await writeFile(join(folder, "adapter_model.safetensors"), adapter);
  await writeFile(join(folder, "adapter_config.json"), JSON.stringify(peftConfig(manifest)));
  const answer = runReferee(PEFT, JSON.stringify({ base, adapter: folder, labels: manifest.task.labels.length, rows }));
  return JSON.parse(answer.toString().trim().split("\n").at(-1) ?? "") as Answer;
}

async function ask(base: Base | string, options: { adapter: Uint8Array; mode: "attach" | "merge"; rows: readonly (readonly number[])[] }): Promise<number[][]> {
  await using model = await load(base, { adapters: [options.adapter], mode: options.mode, threads: 1 });
  return (await model.run(options.rows.map((ids) => ({ ids })))).map(({ logits }) => [...logits]);
}

function difference(one: readonly number[][], other: readonly number[][]): number {
  return Math.max(...one.flatMap((row, index) => row.map((value, column) => Math.abs(value - (other[index]?.[column] ?? Number.NaN)))));
}

const METHODS: readonly [string, MethodOptions][] = [
  ["attention", { name: "lora", rank: 2, alpha: 3 }],
  ["all-linear with the scale alpha / √rank", { name: "lora", rank: 4, alpha: 8, rankStabilised: true, targets: "all-linear" }],
];

describe.skipIf(referee === undefined)("PEFT reads the same adapter and gives the same logits", () => {
  test.each(METHODS)("on a tiny BERT, %s", async (_, method) => {
    const base = await tinyBase();
    const rows = [[1, 5, 7, 2], [3, 9, 11]];
    const adapter = await randomAdapter(base, { method });
    const peft = await askPeft(dirname(base.files[0] ?? ""), adapter, rows);
    expect(difference(await ask(base, { adapter, mode: "attach", rows }), peft.attached)).toBeLessThan(1e-4);
    expect(difference(await ask(base, { adapter, mode: "merge", rows }), peft.merged)).toBeLessThan(1e-4);
  });

  test("on all-MiniLM-L6-v2 in every form, with an adapter made on the checkpoint", async () => {
    const exports = minilmExports();
    if (exports === undefined) return;
    const rows = [[101, 7592, 2088, 102], [101, 1996, 4248, 2829, 4419, 14523, 102]];
    const adapter = await randomAdapter(await openBase(exports.checkpoint), { method: { name: "lora", rank: 8 }, size: 0.05 });
    const peft = await askPeft(exports.checkpoint, adapter, rows);
    for (const [form, path] of Object.entries(exports)) {
      for (const mode of ["attach", "merge"] as const) {
        expect(difference(await ask(path, { adapter, mode, rows }), mode === "attach" ? peft.attached : peft.merged), `${form}, ${mode}`).toBeLessThan(1e-4);
      }
    }
  }, 120_000);
});
