import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAdapter, peftConfig } from "@graft/format";
import { runReferee } from "./referee.ts";

const PEFT = `
import sys, json, torch
from transformers import AutoModelForImageClassification, AutoModelForMaskedLM, AutoModelForSequenceClassification
from peft import PeftModel
def logits(model, rows):
    with torch.no_grad():
        if rows and isinstance(rows[0], dict):
            return [model(pixel_values=torch.tensor(row["pixels"]).reshape(1, *row["dims"])).logits[0].tolist() for row in rows]
        return [model(input_ids=torch.tensor([row]), attention_mask=torch.ones(1, len(row), dtype=torch.long)).logits[0].flatten().tolist() for row in rows]
def answer(request):
    if request["adapter"] is None:
        model, info = AutoModelForMaskedLM.from_pretrained(request["base"], dtype=torch.float32, output_loading_info=True)
        return {"attached": logits(model.eval(), request["rows"]), "merged": [], "unknown": sorted(info["missing_keys"]) + sorted(info["unexpected_keys"])}
    family = AutoModelForImageClassification if isinstance(request["rows"][0], dict) else AutoModelForSequenceClassification
    model = family.from_pretrained(request["base"], num_labels=request["labels"], dtype=torch.float32)
    model = PeftModel.from_pretrained(model, request["adapter"]).eval()
    attached = logits(model, request["rows"])
    return {"attached": attached, "merged": logits(model.merge_and_unload(), request["rows"])}
print(json.dumps([answer(request) for request in json.load(sys.stdin)]))
`;

/** An adapter on a checkpoint, and the rows to run. */
export interface Question {
  /** Folder of the checkpoint. */
  readonly base: string;
  /** Without one, the checkpoint is that of a masked-language model. */
  readonly adapter?: Uint8Array;
  /** Token ids; or images, [channels, height, width]. */
  readonly rows: readonly (readonly number[])[] | readonly { readonly pixels: readonly number[]; readonly dims: readonly number[] }[];
}

/** Logits of the rows by PEFT: attached, and after merge_and_unload. Those of all positions stand in one row. */
export interface Answer {
  readonly attached: number[][];
  readonly merged: number[][];
  /** Of a masked-language model: tensors that its class misses or does not know. */
  readonly unknown?: readonly string[];
}

/** What PEFT says with the same files on the same checkpoints, in one process: loading PyTorch takes longest. */
export async function askPeft(questions: readonly Question[]): Promise<Answer[]> {
  const requests = questions.map(async ({ base, adapter, rows }) => {
    if (adapter === undefined) return { base, adapter: null, labels: 0, rows };
    const folder = await mkdtemp(join(tmpdir(), "graft-peft-"));
    const { manifest } = await openAdapter(adapter);
    await writeFile(join(folder, "adapter_model.safetensors"), adapter);
    await writeFile(join(folder, "adapter_config.json"), JSON.stringify(peftConfig(manifest)));
    return { base, adapter: folder, labels: manifest.task.labels.length, rows };
  });
  const answer = runReferee(PEFT, JSON.stringify(await Promise.all(requests)));
  return JSON.parse(answer.toString().trim().split("\n").at(-1) ?? "") as Answer[];
}
