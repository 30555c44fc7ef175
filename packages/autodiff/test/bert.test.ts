import { appendGradients } from "@graft/autodiff";
import { describe, expect, it } from "vitest";
import { referee, runReferee } from "../../../test/referee.ts";
import { BERT, bertBatch, bertGraph, bertWeights } from "./bert-graph.ts";
import { open, type Value } from "./execute.ts";

const PROGRAM = `
import json, sys, math, torch
import torch.nn.functional as F
torch.set_num_threads(1)
given = json.load(sys.stdin)
size = given["size"]
tensor = lambda v, kind: torch.tensor(v["values"], dtype=kind).reshape(v["dims"])
w = {k: tensor(v, torch.float32).requires_grad_() for k, v in given["weights"].items()}
batch = {k: tensor(v, torch.int64) for k, v in given["batch"].items()}
linear = lambda x, name: x @ w[name + ".weight"] + w[name + ".bias"]
norm = lambda x, name: F.layer_norm(x, (size["hidden"],), w[name + ".weight"], w[name + ".bias"], 1e-5)
heads = lambda x: x.reshape(*x.shape[:2], size["heads"], -1).transpose(1, 2)
ids = batch["input_ids"]
x = norm(w["word"][ids] + w["type"][batch["token_type_ids"]] + w["position"][:ids.shape[1]], "norm")
penalty = (1.0 - batch["attention_mask"].float())[:, None, None] * -1e4
for layer in range(size["layers"]):
    p = f"{layer}."
    q, k, v = (heads(linear(x, p + n)) for n in ("query", "key", "value"))
    attention = F.softmax(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + penalty, -1)
    context = (attention @ v).transpose(1, 2).reshape(x.shape)
    x = norm(linear(context, p + "output") + x, p + "attention.norm")
    x = norm(linear(F.gelu(linear(x, p + "up")), p + "down") + x, p + "norm")
logits = linear(torch.tanh(linear(x[:, 0], "pooler")), "classifier")
loss = F.cross_entropy(logits, batch["labels"], ignore_index=-100)
loss.backward()
print(json.dumps({"loss": loss.item(), "gradients": {k: v.grad.flatten().tolist() for k, v in w.items()}}))
`;

describe.skipIf(referee === undefined)("a BERT with a classifier", () => {
  it("has the loss and, for every weight, the gradient that PyTorch gives", async () => {
    const weights = bertWeights();
    const { builder, loss } = bertGraph(weights);
    const names = Object.keys(weights);
    const gradients = appendGradients(builder, { loss, wrt: names });
    builder.output(loss, { type: "float32", shape: [] });
    for (const name of names)
      builder.output(gradients.get(name) ?? "", { name: `d_${name}`, type: "float32", shape: weights[name]?.dims ?? [] });
    const session = await open(builder.model);
    const results = await session.run({ ...weights, ...bertBatch() });
    await session.close();

    const reference = JSON.parse(runReferee(PROGRAM, JSON.stringify({ size: BERT, weights, batch: bertBatch() })).toString()) as {
      loss: number;
      gradients: Record<string, number[]>;
    };
    expect(results[loss]?.values[0]).toBeCloseTo(reference.loss, 5);
    for (const name of names) expect(relativeError(results[`d_${name}`], reference.gradients[name] ?? []), name).toBeLessThan(1e-4);
  });
});

/** Largest difference over the largest value; the bias of keys has a gradient of zero, of which only rounding is left. */
function relativeError(value: Value | undefined, reference: readonly number[]): number {
  if (value?.values.length !== reference.length) return Infinity;
  const scale = Math.max(1e-3, ...reference.map(Math.abs));
  return Math.max(...reference.map((expected, index) => Math.abs(expected - (value.values[index] ?? Number.NaN)))) / scale;
}
