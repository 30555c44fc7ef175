import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loraKeys, packAdapter, peftConfig, wholeKey, type Manifest } from "@graft/format";
import type { Tensor } from "@graft/safetensors";
import { expect, test } from "vitest";
import { referee, runReferee } from "../../../../test/referee.ts";
import { buildManifest, countingTensor } from "../adapter-builder.ts";

/** Loads the adapter with PEFT onto a fresh BERT and prints what it really holds. */
const PROGRAM = `
import json, sys, warnings
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors import safe_open
from transformers import BertConfig, BertForSequenceClassification
folder, modules = json.loads(sys.stdin.readline())
config = BertConfig(vocab_size=16, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, num_labels=3)
with safe_open(folder + "/adapter_model.safetensors", "pt") as file:
    keys = sorted(file.keys())
    manifest = json.loads(file.metadata()["graft.manifest"])
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    model = PeftModel.from_pretrained(BertForSequenceClassification(config), folder)
layers = {name: layer for name, layer in model.named_modules()}
deltas = [layers["base_model.model." + module].get_delta_weight("default").tolist() for module in modules]
saved = {name: value.tolist() for name, value in model.state_dict().items() if "modules_to_save" in name}
theirs = get_peft_model(BertForSequenceClassification(config), LoraConfig(r=2, target_modules=modules, task_type="SEQ_CLS"))
theirs.save_pretrained(folder + "/theirs")
with safe_open(folder + "/theirs/adapter_model.safetensors", "pt") as file:
    shapes = {key: file.get_slice(key).get_shape() for key in file.keys()}
print(json.dumps({"keys": keys, "manifest": manifest, "warnings": [str(w.message) for w in caught], "deltas": deltas, "saved": saved, "shapes": shapes}))
`;

interface Answer {
  keys: string[];
  manifest: Manifest;
  warnings: string[];
  deltas: number[][][];
  saved: Record<string, number[] | number[][]>;
  shapes: Record<string, number[]>;
}

test.skipIf(referee === undefined)("PEFT opens a packed adapter, warns of nothing, and applies the manifest's scales", async () => {
  const modules = ["bert.encoder.layer.0.attention.self.query", "bert.encoder.layer.1.attention.self.value"];
  const [target] = buildManifest().targets as [Manifest["targets"][number]];
  const weight = wholeKey("classifier", "weight");
  const manifest = buildManifest({
    targets: modules.map((module, index) => ({
      ...target,
      module,
      in: 8,
      out: 8,
      rank: 2 + index,
      alpha: 4,
      scale: index === 0 ? 2 : 0.375,
    })),
    tensors: [
      { key: weight, shape: [3, 8], role: "head", module: "classifier" },
      { key: wholeKey("classifier", "bias"), shape: [3], role: "head", module: "classifier" },
    ],
  });
  const tensors = new Map<string, Tensor>([
    [weight, countingTensor([3, 8], 20)],
    [wholeKey("classifier", "bias"), countingTensor([3], 30)],
  ]);
  for (const { module, rank = 0 } of manifest.targets) {
    tensors.set(loraKeys(module).a, countingTensor([rank, 8], 0));
    tensors.set(loraKeys(module).b, countingTensor([8, rank], 10));
  }
  const folder = await mkdtemp(join(tmpdir(), "graft-peft-"));
  try {
    await writeFile(join(folder, "adapter_model.safetensors"), packAdapter({ manifest, tensors }));
    await writeFile(join(folder, "adapter_config.json"), JSON.stringify(peftConfig(manifest)));
    const answer = JSON.parse(
      runReferee(PROGRAM, `${JSON.stringify([folder, modules])}\n`)
        .toString()
        .trim()
        .split("\n")
        .at(-1) ?? "",
    ) as Answer;
    expect(answer.keys).toEqual([...tensors.keys()].toSorted());
    expect(answer.manifest).toEqual(manifest);
    // What transformers says of its own old names is not about the adapter.
    expect(answer.warnings.filter((warning) => !warning.includes("deprecated"))).toEqual([]);
    // PEFT's own file of the same modules has the same keys.
    expect(Object.keys(answer.shapes).toSorted()).toEqual(answer.keys);
    for (const [index, { rank = 0, scale = 0 }] of manifest.targets.entries()) {
      for (const [row, column] of [
        [0, 0],
        [3, 5],
        [7, 7],
      ] as const) {
        // B·A of two counting tensors.
        const product = Array.from({ length: rank }, (_, inner) => (10 + (row * rank + inner) / 8) * ((inner * 8 + column) / 8)).reduce(
          (sum, term) => sum + term,
          0,
        );
        expect(answer.deltas[index]?.[row]?.[column]).toBeCloseTo(scale * product, 3);
      }
    }
    expect(answer.saved["base_model.model.classifier.modules_to_save.default.bias"]).toEqual([30, 30.125, 30.25]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
