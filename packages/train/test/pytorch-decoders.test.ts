import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBase } from "@graft/architectures/node";
import { initialise, type MethodOptions, planAdapter } from "@graft/methods";
import { encodeModel } from "@graft/onnx";
import { type Feeds, floatValue, intValue } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { encodeSafetensors } from "@graft/safetensors";
import { buildEvaluation, buildStep, EVALUATION_OUTPUTS, OPTIMISERS } from "@graft/train";
import { writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { referee, runReferee } from "../../../test/referee.ts";
import { GPT2, LLAMA, VOCABULARY, writeTinyDecoder } from "../../../test/tiny-decoder.ts";

const STEPS = 30;
const [ROWS, WIDTH] = [4, 12];
const RATE = 5e-3;

/** A batch as both sides take it: rows padded on the right, and which of their tokens are predicted. */
interface Batch {
  readonly ids: number[][];
  readonly mask: number[][];
  readonly predicted: number[][];
}

/** Rows whose next token follows from the last one, so that there is something to learn. */
function batches(count: number): Batch[] {
  return Array.from({ length: count }, (_, step) => {
    const lengths = Array.from({ length: ROWS }, (__, row) => WIDTH - ((row * 3 + step) % 7));
    const fill = (value: (row: number, column: number) => number): number[][] =>
      lengths.map((length, row) => Array.from({ length: WIDTH }, (__, column) => (column < length ? value(row, column) : 0)));
    return {
      ids: fill((row, column) => 40 + ((step * 5 + row * 11 + column * 3) % 30)),
      mask: fill(() => 1),
      // A prompt of some tokens carries no loss.
      predicted: fill((row, column) => Number(column > 1 + (row % 3))),
    };
  });
}

function feeds({ ids, mask, predicted }: Batch): Feeds {
  const chosen = predicted.flatMap((row, index) => row.flatMap((one, column) => (one === 1 ? [{ index, column }] : [])));
  return {
    input_ids: intValue([ROWS, WIDTH], ids.flat()),
    attention_mask: intValue([ROWS, WIDTH], mask.flat()),
    predicting_positions: intValue(
      [chosen.length],
      chosen.map(({ index, column }) => index * WIDTH + column - 1),
    ),
    labels: intValue(
      [chosen.length],
      chosen.map(({ index, column }) => ids[index]?.[column] ?? 0),
    ),
  };
}

const PROGRAM = `
import json, sys, torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM
from peft import LoraConfig, get_peft_model, set_peft_model_state_dict
torch.set_num_threads(1)
job = json.load(sys.stdin)
def loss_of(model, batch):
    ids, mask = torch.tensor(batch["ids"]), torch.tensor(batch["mask"])
    labels = ids.masked_fill(torch.tensor(batch["predicted"]) == 0, -100)
    return model(input_ids=ids, attention_mask=mask, labels=labels).loss
answers = []
for case in job["cases"]:
    model = AutoModelForCausalLM.from_pretrained(case["folder"], dtype=torch.float32, attn_implementation="eager").train()
    loss = loss_of(model, job["batches"][0])
    loss.backward()
    gradients = {name: p.grad.flatten().tolist() for name, p in model.named_parameters()}
    model.zero_grad()
    peft = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, target_modules=case["targets"], fan_in_fan_out=case["conv"]))
    result = set_peft_model_state_dict(peft, load_file(case["start"]))
    assert not result.unexpected_keys, result.unexpected_keys
    parameters = [p for p in peft.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=job["rate"], weight_decay=0.01)
    losses = []
    for batch in job["batches"]:
        loss = loss_of(peft, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        losses.append(loss.item())
    answers.append({"gradients": gradients, "losses": losses})
json.dump(answers, sys.stdout)
`;

const CASES = {
  "GPT-2": { config: GPT2, targets: ["c_attn", "c_proj", "c_fc"], conv: true },
  Llama: { config: LLAMA, targets: ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"], conv: false },
  "Qwen 3": {
    config: { ...LLAMA, model_type: "qwen3", head_dim: 6, attention_bias: true, tie_word_embeddings: false },
    targets: ["q_proj", "v_proj"],
    conv: false,
  },
};

/** Losses and weights of some steps. */
async function run(
  folder: string,
  options: { method: MethodOptions; optimiser: "adamw" | "sgd"; rate: number; data: readonly Batch[]; start?: string },
): Promise<{ losses: number[]; before: Map<string, Float32Array>; after: Map<string, Float32Array> }> {
  const base = await openBase(folder);
  const plan = planAdapter(base, { method: options.method, task: { type: "causal-language-modelling" } });
  const sgd = options.optimiser === "sgd";
  const step = buildStep({
    base,
    plan,
    optimiser: OPTIMISERS[options.optimiser],
    weightDecay: sgd ? 0 : 0.01,
    maxGradientNorm: sgd ? 0 : 1,
  });
  const before = await initialise(plan, { seed: 3, weights: base.weights });
  if (options.start !== undefined) {
    const tensors = step.trained.map(
      ({ key, shape }) => [key, { dtype: "F32" as const, shape, data: new Uint8Array(before.get(key)?.slice().buffer ?? []) }] as const,
    );
    await writeFile(options.start, encodeSafetensors(new Map(tensors)));
  }
  const zeros = (shape: readonly number[]): Float32Array => new Float32Array(shape.reduce((product, size) => product * size, 1));
  const state: Feeds = Object.fromEntries([
    ...step.trained.map(({ key, shape }) => [key, floatValue(shape, before.get(key) ?? zeros(shape))] as const),
    ...step.slots.map(({ key, shape }) => [key, floatValue(shape, zeros(shape))] as const),
  ]);
  const session = await openSession(encodeModel(step.model), { folder: base.folder, state, carry: step.carry, threads: 1 });
  try {
    const losses: number[] = [];
    for (const [index, batch] of options.data.entries()) {
      const scalars = { learning_rate: floatValue([], Float32Array.of(options.rate)), step: floatValue([], Float32Array.of(index + 1)) };
      losses.push(Number((await session.run({ ...feeds(batch), ...scalars }))["loss"]?.data[0]));
    }
    const weights = await session.state(step.trained.map(({ key }) => key));
    return { losses, before, after: new Map(Object.entries(weights).map(([key, { data }]) => [key, data as Float32Array])) };
  } finally {
    await session.close();
  }
}

/** A weight [rows, columns] as [columns, rows]. */
function turned(values: readonly number[], columns: number): number[] {
  const rows = values.length / columns;
  return Array.from({ length: values.length }, (_, index) => values[(index % rows) * columns + Math.floor(index / rows)] ?? NaN);
}

describe.skipIf(referee === undefined)("decoders learn as with PyTorch and PEFT", () => {
  test("every weight has PyTorch's gradient, and thirty steps of LoRA PEFT's losses", { timeout: 180_000 }, async () => {
    const root = await mkdtemp(join(tmpdir(), "graft-decoders-"));
    try {
      const data = batches(STEPS);
      const cases = await Promise.all(
        Object.entries(CASES).map(async ([name, { config, targets, conv }], index) => {
          const folder = await writeTinyDecoder(join(root, String(index)), config);
          const start = join(root, `${index}.safetensors`);
          const lora = await run(folder, {
            method: { name: "lora", rank: 4, alpha: 8, targets },
            optimiser: "adamw",
            rate: RATE,
            data,
            start,
          });
          // One step down the slope with a rate of one: what was subtracted is the gradient.
          const whole = await run(folder, { method: { name: "full" }, optimiser: "sgd", rate: 1, data: data.slice(0, 1) });
          return { name, folder, targets, conv, start, lora, whole };
        }),
      );
      const answers = JSON.parse(
        runReferee(
          PROGRAM,
          JSON.stringify({
            rate: RATE,
            batches: data,
            cases: cases.map(({ folder, targets, conv, start }) => ({ folder, targets, conv, start })),
          }),
        ).toString(),
      ) as { gradients: Record<string, number[]>; losses: number[] }[];
      for (const [index, { name, lora, whole }] of cases.entries()) {
        const { gradients, losses } = answers[index] as (typeof answers)[number];
        for (const [step, loss] of losses.entries())
          expect(
            Math.abs((lora.losses[step] ?? NaN) - loss) / loss,
            `${name}, step ${step + 1}: ${lora.losses[step]} and ${loss}`,
          ).toBeLessThan(1e-4);
        expect(losses.at(-1), name).toBeLessThan((losses[0] ?? 0) * 0.9);
        expect([...whole.before.keys()].map((key) => key.replace("base_model.model.", "")).sort()).toEqual(Object.keys(gradients).sort());
        for (const [key, before] of whole.before) {
          const path = key.replace("base_model.model.", "");
          const after = whole.after.get(key) ?? new Float32Array();
          // Conv1D of GPT-2 stores [in, out]; the adapter has [out, in].
          const conv = /\.(c_attn|c_proj|c_fc)\.weight$/.test(path);
          const biasSize = conv ? (gradients[path.replace(/weight$/, "bias")]?.length ?? 1) : 1;
          const want = conv ? turned(gradients[path] ?? [], biasSize) : (gradients[path] ?? []);
          const scale = Math.max(1e-3, ...want.map(Math.abs));
          const worst = Math.max(...want.map((value, at) => Math.abs((before[at] ?? NaN) - (after[at] ?? NaN) - value))) / scale;
          expect(worst, `${name}, ${path}`).toBeLessThan(2e-3);
        }
      }
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });
});

test("the language head is computed for positions that predict, and for no others", async () => {
  const root = await mkdtemp(join(tmpdir(), "graft-decoders-"));
  try {
    for (const config of [GPT2, LLAMA]) {
      const base = await openBase(await writeTinyDecoder(join(root, String(config["model_type"])), config));
      const plan = planAdapter(base, { method: { name: "lora" }, task: { type: "causal-language-modelling" } });
      const model = buildEvaluation({ base, plan });
      const named = (name: string): readonly string[] => model.graph?.node.find((node) => node.name === name)?.input ?? [];
      const chosen = (model.graph?.node ?? []).filter(({ name }) => name.startsWith("/positions/Gather")).flatMap(({ output }) => output);
      expect(chosen.length).toBeGreaterThan(0);
      // What is left out begins behind the last attention: the feed-forward of the last layer is narrow too.
      const last = config["model_type"] === "gpt2" ? "/h.1/attn/c_proj/MatMul" : "/layers.1/self_attn/o_proj/MatMul";
      expect(chosen).toContain(named(last)[0]);
      const session = await openSession(encodeModel(model), {
        folder: base.folder,
        threads: 1,
        state: Object.fromEntries(
          [...(await initialise(plan, { seed: 1, weights: base.weights }))].map(([key, values]) => [
            key,
            floatValue(plan.trainables.find((one) => one.key === key)?.shape ?? [], values),
          ]),
        ),
      });
      const outputs = await session.run(feeds(batches(1)[0] as Batch), { fetches: [EVALUATION_OUTPUTS.logits] });
      expect(outputs[EVALUATION_OUTPUTS.logits]?.dims.at(-1)).toBe(VOCABULARY);
      await session.close();
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
