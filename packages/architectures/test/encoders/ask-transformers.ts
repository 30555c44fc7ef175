import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Feeds } from "@graft/runtime";
import { bytesSource, openSafetensors, toFloat32 } from "@graft/safetensors";
import { runReferee } from "../../../../test/referee.ts";
import type { EncoderCase } from "./switches.ts";

/** A checkpoint and what is fed to it; the folder is written where the case has a config, else read. */
export interface Question extends Partial<EncoderCase> {
  readonly folder: string;
  readonly feeds: Feeds;
}

/** What `transformers` says: a tensor by name. `target` is a weight for each number of `last_hidden_state`, 0 on padding. */
export type Answer = ReadonlyMap<string, { readonly dims: readonly number[]; readonly data: Float32Array }>;

const PROGRAM = `
import json, os, sys, torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel, AutoModelForImageClassification, AutoModelForMaskedLM, AutoModelForSequenceClassification
torch.set_num_threads(1)
CLASSES = {
    None: AutoModel,
    "sequence-classification": AutoModelForSequenceClassification,
    "masked-language-modelling": AutoModelForMaskedLM,
    "image-classification": AutoModelForImageClassification,
}
def write(case, seed):
    torch.manual_seed(seed)
    model = CLASSES[case.get("task")].from_config(AutoConfig.for_model(**case["config"]))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.normal_(0, 0.3)
            if parameter.dim() == 1 and name.endswith("weight"):
                parameter.add_(1)
    model.to(getattr(torch, case.get("dtype") or "float32")).save_pretrained(case["folder"], max_shard_size=case.get("shard") or "5GB")
    if case.get("legacy"):
        path = os.path.join(case["folder"], "model.safetensors")
        old = lambda name: name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
        save_file({old(name): tensor for name, tensor in load_file(path).items()}, path, {"format": "pt"})
def tensor(value):
    return torch.tensor(value["values"], dtype=getattr(torch, value["type"])).reshape(value["dims"])
def answer(case, seed):
    if "config" in case:
        write(case, seed)
    feeds = {name: tensor(value) for name, value in case["feeds"].items()}
    model = AutoModel.from_pretrained(case["folder"], dtype=torch.float32).eval()
    state = model(**feeds).last_hidden_state
    result = {"last_hidden_state": state}
    if case.get("gradients"):
        mask = feeds["attention_mask"].float() if "attention_mask" in feeds else torch.ones(state.shape[:2])
        target = torch.randn(state.shape, generator=torch.Generator().manual_seed(seed)) * mask[:, :, None]
        (state * target).sum().backward()
        result |= {"target": target} | {"d " + name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    save_file({name: value.detach().contiguous() for name, value in result.items()}, case["answer"])
for seed, case in enumerate(json.load(sys.stdin)):
    answer(case, seed)
`;

/** Writes the checkpoints and computes all answers in one process: loading PyTorch takes longest. Answers lie in \`folder\`. */
export async function askTransformers(questions: readonly Question[], options: { folder: string }): Promise<Answer[]> {
  const answers = questions.map((_, index) => join(options.folder, `answer-${index}.safetensors`));
  runReferee(
    PROGRAM,
    JSON.stringify(questions.map((question, index) => ({ ...question, feeds: lists(question.feeds), answer: answers[index] }))),
  );
  return Promise.all(answers.map(readAnswer));
}

function lists(feeds: Feeds): Record<string, { type: string; dims: readonly number[]; values: number[] }> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { type, dims, data }]) => [name, { type, dims, values: Array.from(data, Number) }]),
  );
}

async function readAnswer(path: string): Promise<Answer> {
  const file = await openSafetensors(bytesSource(await readFile(path)));
  const tensors = await Promise.all(
    Array.from(file.header.tensors.keys(), async (name) => {
      const { dtype, shape, data } = await file.tensor(name);
      return [name, { dims: shape, data: toFloat32(dtype, data) }] as const;
    }),
  );
  return new Map(tensors);
}
