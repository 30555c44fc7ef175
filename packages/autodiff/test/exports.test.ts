import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { decodeModel, GraphBuilder, type NodeProto } from "@graft/onnx";
import { appendGradients, meanSquaredError } from "@graft/autodiff";
import { describe, expect, it } from "vitest";
import { minilmExports } from "../../../test/exports.ts";
import { referee, runReferee } from "../../../test/referee.ts";
import { numbers, open, type Value } from "./execute.ts";

const RANK = 4;
const LAYERS = [0, 3, 5];
const HIDDEN = 384;

const PROGRAM = `
import json, sys, torch
from transformers import AutoModel
torch.set_num_threads(1)
given = json.load(sys.stdin)
model = AutoModel.from_pretrained(given["checkpoint"], attn_implementation="eager").eval().requires_grad_(False)
tensor = lambda v: torch.tensor(v["values"], dtype=torch.int64 if v.get("type") == "int64" else torch.float32).reshape(v["dims"])
feeds = {k: tensor(v) for k, v in given["feeds"].items()}
trained = {k: v.requires_grad_() for k, v in feeds.items() if k[-2:] in ("_a", "_b")}
entered = []
def adapt(layer):
    a, b = trained[f"{layer}_a"], trained[f"{layer}_b"]
    def hook(module, inputs, output):
        if layer == 0:
            entered.append(inputs[0])
        return output + inputs[0] @ a @ b
    return hook
model.embeddings.register_forward_hook(lambda module, inputs, output: output.requires_grad_())
for layer in given["layers"]:
    model.encoder.layer[layer].attention.self.query.register_forward_hook(adapt(layer))
names = ("input_ids", "attention_mask", "token_type_ids")
out = model(**{n: feeds[n] for n in names}).last_hidden_state
loss = torch.nn.functional.mse_loss(out, feeds["targets"])
embedded, = torch.autograd.grad(loss, entered, retain_graph=True)
loss.backward()
print(json.dumps({"loss": loss.item(), "embedded": embedded.flatten().tolist(), **{k: v.grad.flatten().tolist() for k, v in trained.items()}}))
`;

const exports = minilmExports();

describe.skipIf(referee === undefined || exports === undefined)("gradients on real exports of all-MiniLM-L6-v2", () => {
  const feeds = makeFeeds();
  const reference =
    exports &&
    (JSON.parse(runReferee(PROGRAM, JSON.stringify({ checkpoint: exports.checkpoint, feeds, layers: LAYERS })).toString()) as Record<
      string,
      number[]
    >);

  it.each(["legacy", "dynamo"] as const)("agree with PyTorch for A, B and the embeddings: %s", async (kind) => {
    const path = exports?.[kind] ?? "";
    const { builder, embedded } = adapted(path);
    const loss = meanSquaredError(builder, {
      predictions: "last_hidden_state",
      targets: builder.input("targets", "float32", ["batch", "sequence", HIDDEN]),
    });
    const wrt = [...LAYERS.flatMap((layer) => [`${layer}_a`, `${layer}_b`]), embedded];
    const gradients = appendGradients(builder, { loss, wrt });
    builder.graph.output.length = 0;
    builder.output(loss, { type: "float32", shape: [] });
    for (const name of wrt) {
      const shape = feeds[name]?.dims ?? ["batch", "sequence", HIDDEN];
      builder.output(gradients.get(name) ?? "", { name: name === embedded ? "d_embedded" : `d_${name}`, type: "float32", shape });
    }
    const session = await open(builder.model, { folder: dirname(path) });
    const results = await session.run(feeds);
    await session.close();
    expect(results[loss]?.values[0]).toBeCloseTo(Number(reference?.["loss"]), 4);
    for (const name of [...LAYERS.flatMap((layer) => [`${layer}_a`, `${layer}_b`]), "embedded"]) {
      expect(relativeError(results[`d_${name}`], reference?.[name] ?? []), name).toBeLessThan(2e-4);
    }
  });
});

/** The model with x·A·B added to some query projections, and the name of the value that enters the first of them. */
function adapted(path: string): { builder: GraphBuilder; embedded: string } {
  const builder = new GraphBuilder(decodeModel(readFileSync(path)));
  const producers = new Map(builder.graph.node.flatMap((node) => node.output.map((output) => [output, node] as const)));
  let embedded = "";
  for (const layer of LAYERS) {
    const bias = `encoder.layer.${layer}.attention.self.query.bias`;
    const add = builder.graph.node.find((node) => node.input.includes(bias)) as NodeProto;
    const index = add.input.findIndex((input) => producers.get(input)?.opType === "MatMul");
    const projected = add.input[index] ?? "";
    const x = producers.get(projected)?.input[0] ?? "";
    if (layer === 0) embedded = x;
    const [a, b] = [builder.input(`${layer}_a`, "float32", [HIDDEN, RANK]), builder.input(`${layer}_b`, "float32", [RANK, HIDDEN])];
    add.input[index] = builder.op("Add", [projected, builder.op("MatMul", [builder.op("MatMul", [x, a]), b])]);
  }
  return { builder, embedded };
}

function makeFeeds(): Record<string, Value> {
  const dims = [2, 7];
  const float = (shape: readonly number[], seed: number): Value => ({
    dims: shape,
    values: numbers(
      shape.reduce((product, dim) => product * dim, 1),
      { seed, low: -0.1, high: 0.1 },
    ),
  });
  const matrices = LAYERS.flatMap((layer) => [
    [`${layer}_a`, float([HIDDEN, RANK], layer + 1)] as const,
    [`${layer}_b`, float([RANK, HIDDEN], layer + 11)] as const,
  ]);
  return {
    input_ids: { dims, values: [101, 7592, 2088, 999, 102, 0, 0, 101, 1037, 4248, 2829, 4419, 2058, 102], type: "int64" },
    attention_mask: { dims, values: [1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1], type: "int64" },
    token_type_ids: { dims, values: Array.from({ length: 14 }, () => 0), type: "int64" },
    targets: float([...dims, HIDDEN], 5),
    ...Object.fromEntries(matrices),
  };
}

function relativeError(value: Value | undefined, reference: readonly number[]): number {
  if (value?.values.length !== reference.length) return Infinity;
  const difference = Math.max(...reference.map((expected, index) => Math.abs(expected - (value.values[index] ?? Number.NaN))));
  return difference / Math.max(...reference.map(Math.abs));
}
