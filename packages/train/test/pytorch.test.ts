import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initialise, type MethodOptions, planAdapter, type PlanTask } from "@graft/methods";
import { encodeModel } from "@graft/onnx";
import { type Feeds, floatValue, intValue } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { encodeSafetensors } from "@graft/safetensors";
import { buildStep, learningRateAt, type OptimiserName, OPTIMISERS, type ScheduleName } from "@graft/train";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { referee, runReferee } from "../../../test/referee.ts";
import { CONFIG, tinyBase } from "./tiny.ts";

const STEPS = 50;
const ROWS = 8;
const WIDTH = 12;
const RATES = { learningRate: 5e-3, warmup: 5, steps: STEPS } as const;

/** What is trained, and how the learning rate goes. */
interface Case {
  readonly name: string;
  readonly task: PlanTask;
  readonly method: MethodOptions;
  readonly schedule: ScheduleName;
  readonly classes?: number;
  readonly optimiser?: OptimiserName;
  readonly learningRate?: number;
  readonly weightDecay?: number;
  readonly labelSmoothing?: number;
  readonly beta2?: number;
  /** What the learning rate of B is multiplied with, as LoRA+ does. */
  readonly ratio?: number;
}

/** A batch as both sides take it: rows of unequal length. */
interface Batch {
  readonly ids: number[][];
  readonly mask: number[][];
  readonly positions: number[];
  readonly labels: number[];
}

function batches(classes: number | undefined): Batch[] {
  const random = xoroshiro128plus(7);
  const below = (end: number): number => uniformInt(random, 0, end - 1);
  return Array.from({ length: STEPS }, () => {
    const lengths = Array.from({ length: ROWS }, () => 5 + below(WIDTH - 5));
    const ids = lengths.map((length) => Array.from({ length: WIDTH }, (_, at) => (at < length ? 5 + below(CONFIG.vocab_size - 5) : 0)));
    const mask = lengths.map((length) => Array.from({ length: WIDTH }, (_, at) => Number(at < length)));
    const positions = lengths.map((length, row) => row * WIDTH + 1 + below(length - 1));
    // What is to be learnt follows from the first token.
    const labels = ids.map((row) => (row[0] ?? 0) % (classes ?? CONFIG.vocab_size));
    // A padded position counts for nothing.
    return classes === undefined
      ? { ids, mask, positions: [...positions, 0], labels: [...labels, -100] }
      : { ids, mask, positions, labels };
  });
}

async function ourLosses(
  { task, method, schedule, optimiser = "adamw", weightDecay = 0.01, labelSmoothing = 0, beta2 = 0.999, ratio = 1, ...rates }: Case,
  { data, folder }: { data: readonly Batch[]; folder: string },
): Promise<number[]> {
  const base = tinyBase();
  const planned = planAdapter(base, { method, task });
  const trainables = planned.trainables.map((tensor) => (tensor.key.includes("lora_B") ? { ...tensor, rate: ratio } : tensor));
  const plan = { ...planned, trainables };
  const numbers = { weightDecay, labelSmoothing, beta2, maxGradientNorm: 1 };
  const step = buildStep({ base, plan, optimiser: OPTIMISERS[optimiser], ...numbers });
  const start = await initialise(plan, { seed: 3, weights: base.weights });
  await writeFile(
    join(folder, "start.safetensors"),
    encodeSafetensors(
      new Map(
        step.trained.map(({ key, shape }) => [key, { dtype: "F32", shape, data: new Uint8Array(start.get(key)?.slice().buffer ?? []) }]),
      ),
    ),
  );
  const frozen = base.model.graph?.initializer.filter(({ dataType, name }) => dataType === 1 && name.includes(".")) ?? [];
  await writeFile(
    join(folder, "base.safetensors"),
    encodeSafetensors(new Map(frozen.map(({ name, dims, rawData }) => [name, { dtype: "F32", shape: dims.map(Number), data: rawData }]))),
  );
  const state: Feeds = {
    ...Object.fromEntries(step.trained.map(({ key, shape }) => [key, floatValue(shape, start.get(key) ?? new Float32Array())])),
    ...Object.fromEntries(
      step.slots.map(({ key, shape }) => [key, floatValue(shape, new Float32Array(shape.reduce((product, size) => product * size, 1)))]),
    ),
  };
  const session = await openSession(encodeModel(step.model), { state, carry: step.carry, threads: 1 });
  try {
    const losses: number[] = [];
    for (const [index, { ids, mask, positions, labels }] of data.entries()) {
      const grid = (values: number[][]): Feeds[string] => intValue([ROWS, WIDTH], values.flat());
      const outputs = await session.run({
        input_ids: grid(ids),
        attention_mask: grid(mask),
        token_type_ids: grid(ids.map((row) => row.map(() => 0))),
        labels: intValue([labels.length], labels),
        ...(task.type === "masked-language-modelling" ? { masked_positions: intValue([positions.length], positions) } : {}),
        learning_rate: floatValue([], Float32Array.of(learningRateAt(index, { ...RATES, ...rates, schedule }))),
        step: floatValue([], Float32Array.of(index + 1)),
      });
      losses.push(Number(outputs["loss"]?.data[0]));
    }
    return losses;
  } finally {
    await session.close();
  }
}

const PROGRAM = `
import json, sys, torch
from safetensors.torch import load_file
from transformers import BertConfig, BertForMaskedLM, BertForSequenceClassification, get_scheduler
def run(job):
  start, base = load_file(job["folder"] + "/start.safetensors"), load_file(job["folder"] + "/base.safetensors")
  torch.manual_seed(0)
  mlm = job["task"] == "masked-language-modelling"
  config = BertConfig(**job["config"], num_labels=job["classes"] or 2)
  config._attn_implementation = "eager"
  model = (BertForMaskedLM if mlm else BertForSequenceClassification)(config)
  missing, unexpected = model.load_state_dict({"bert." + k: v for k, v in base.items()}, strict=False)
  assert not unexpected, unexpected
  if mlm:
      missing, unexpected = model.load_state_dict({k[len("base_model.model."):]: v for k, v in start.items()}, strict=False)
      assert not unexpected, unexpected
      assert all("decoder" in k for k in missing), missing
      model.tie_weights()
  else:
      from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
      model = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, target_modules=["query", "key", "value", "dense"], exclude_modules=["pooler.dense", "bert.pooler.dense"], modules_to_save=["bert.pooler.dense", "classifier"]))
      result = set_peft_model_state_dict(model, start)
      assert not result.unexpected_keys, result.unexpected_keys
  model.train()
  parameters = [p for p in model.parameters() if p.requires_grad]
  assert sum(p.numel() for p in parameters) == sum(v.numel() for v in start.values()), (sum(p.numel() for p in parameters), sum(v.numel() for v in start.values()))
  named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
  rates = [(p, (job["ratio"] if "lora_B" in n else 1) * job["learningRate"]) for n, p in named]
  groups = [{"params": [p], "lr": rate, "weight_decay": job["weightDecay"] if p.dim() > 1 else 0.0} for p, rate in rates]
  if job["optimiser"] == "sgd":
    optimiser = torch.optim.SGD(groups, lr=job["learningRate"], momentum=0.9)
  else:
    optimiser = torch.optim.AdamW(groups, lr=job["learningRate"], betas=(0.9, job["beta2"]))
  scheduler = get_scheduler({"constant": "constant_with_warmup"}.get(job["schedule"], job["schedule"]), optimiser, num_warmup_steps=job["warmup"], num_training_steps=job["steps"])
  losses = []
  for batch in job["batches"]:
      ids, mask = torch.tensor(batch["ids"]), torch.tensor(batch["mask"])
      labels = torch.tensor(batch["labels"])
      if mlm:
          full = torch.full(ids.shape, -100).flatten()
          for position, label in zip(batch["positions"], batch["labels"]):
              if label != -100: full[position] = label
          labels = full.view(ids.shape)
      logits = model(input_ids=ids, attention_mask=mask).logits
      loss = torch.nn.functional.cross_entropy(logits.view(-1, logits.shape[-1]), labels.view(-1), label_smoothing=job["labelSmoothing"])
      loss.backward()
      torch.nn.utils.clip_grad_norm_(parameters, 1.0)
      optimiser.step()
      scheduler.step()
      optimiser.zero_grad()
      losses.append(loss.item())
  return losses
json.dump([run(job) for job in json.load(sys.stdin)], sys.stdout)
`;

const CASES: readonly Case[] = [
  {
    name: "masked-language modelling of a whole BERT",
    task: { type: "masked-language-modelling" },
    method: { name: "full" },
    schedule: "linear",
  },
  {
    name: "a LoRA classifier, against PEFT",
    task: { type: "text-classification", labels: ["a", "b", "c"] },
    method: { name: "lora", rank: 4, alpha: 8, targets: "all-linear" },
    schedule: "cosine",
    classes: 3,
  },
  {
    name: "smoothed labels, stochastic gradient descent with momentum",
    task: { type: "text-classification", labels: ["a", "b", "c"] },
    method: { name: "lora", rank: 4, alpha: 8, targets: "all-linear" },
    schedule: "constant",
    classes: 3,
    optimiser: "sgd",
    learningRate: 0.1,
    weightDecay: 0,
    labelSmoothing: 0.1,
  },
  {
    name: "smoothed labels of masked tokens, another β₂",
    task: { type: "masked-language-modelling" },
    method: { name: "full" },
    schedule: "linear",
    labelSmoothing: 0.2,
    beta2: 0.98,
  },
  {
    name: "a learning rate of its own for B, as LoRA+ has it",
    task: { type: "text-classification", labels: ["a", "b", "c"] },
    method: { name: "lora", rank: 4, alpha: 8, targets: "all-linear" },
    schedule: "linear",
    classes: 3,
    ratio: 8,
  },
];

describe.skipIf(referee === undefined)("fifty steps give PyTorch's losses", () => {
  const data = CASES.map(({ classes }) => batches(classes));
  let folder = "";
  let ours: number[][] = [];
  let theirs: number[][] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "graft-steps-"));
    const folders = CASES.map((_, index) => join(folder, `${index}`));
    ours = [];
    for (const [index, trained] of CASES.entries()) {
      await mkdir(folders[index] ?? "");
      ours.push(await ourLosses(trained, { data: data[index] ?? [], folder: folders[index] ?? "" }));
    }
    const jobs = CASES.map((trained, index) => ({
      ...RATES,
      optimiser: "adamw",
      weightDecay: 0.01,
      labelSmoothing: 0,
      beta2: 0.999,
      ratio: 1,
      ...trained,
      folder: folders[index],
      task: trained.task.type,
      config: CONFIG,
      classes: trained.classes ?? 0,
      batches: data[index],
    }));
    // One process: importing torch takes longer than all the steps.
    theirs = JSON.parse(runReferee(PROGRAM, JSON.stringify(jobs)).toString()) as number[][];
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.for(CASES.map(({ name }, index) => [name, index] as const))("%s", ([, index]) => {
    const [own = [], other = []] = [ours[index], theirs[index]];
    expect([own.length, other.length]).toEqual([STEPS, STEPS]);
    for (const [step, loss] of other.entries())
      expect(Math.abs((own[step] ?? Number.NaN) - loss) / loss, `step ${step + 1}: ${own[step]} and ${loss}`).toBeLessThan(1e-3);
    // Something was learnt, so that the comparison says something of the updates.
    expect(other.at(-1)).toBeLessThan((other[0] ?? 0) * 0.97);
  });
});
