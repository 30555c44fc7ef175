import { appendGradients, binaryCrossEntropy, crossEntropy, meanSquaredError, pairCosines, rankingLogits } from "@graft/autodiff";
import { createModel, GraphBuilder } from "@graft/onnx";
import { beforeAll, describe, expect, it } from "vitest";
import { referee, runReferee } from "../../../test/referee.ts";
import { numbers, open, type Value } from "./execute.ts";

/** A loss over `x`, other inputs, and the same loss in PyTorch, where every input is a tensor of its name. */
interface Case {
  readonly name: string;
  readonly x: Value;
  readonly others: Readonly<Record<string, Value>>;
  readonly build: (builder: GraphBuilder) => string;
  readonly torch: string;
}

const drawn = (dims: readonly number[], seed: number, range: { low?: number; high?: number } = {}): Value => ({
  dims,
  values: numbers(
    dims.reduce((product, size) => product * size, 1),
    { seed, ...range },
  ),
});
const ints = (values: readonly number[]): Value => ({ dims: [values.length], values, type: "int64" });
const bits = (dims: readonly number[], seed: number): Value => ({
  dims,
  values: drawn(dims, seed).values.map((value) => Number(value > 0)),
});
const ranking = (builder: GraphBuilder, texts: number): string =>
  crossEntropy(builder, { logits: rankingLogits(builder, { embeddings: "x", texts, scale: 20 }), labels: "labels" });

const CASES: readonly Case[] = [
  {
    name: "cross-entropy, with rows that count for nothing",
    x: drawn([5, 4], 1, { low: -3, high: 3 }),
    others: { labels: ints([0, 3, -100, 1, -100]) },
    build: (builder) => crossEntropy(builder, { logits: "x", labels: "labels" }),
    torch: "F.cross_entropy(x, labels)",
  },
  {
    name: "cross-entropy of positions",
    x: drawn([2, 3, 4], 2),
    others: { labels: ints([0, -100, 2, 3, 1, -100]) },
    build: (builder) => crossEntropy(builder, { logits: "x", labels: "labels" }),
    torch: "F.cross_entropy(x.view(-1, 4), labels)",
  },
  {
    name: "binary cross-entropy, of logits that are far out too",
    x: { dims: [2, 3], values: [0.5, -1.5, 60, -60, 2, 0] },
    others: { targets: bits([2, 3], 3) },
    build: (builder) => binaryCrossEntropy(builder, { logits: "x", targets: "targets" }),
    torch: "F.binary_cross_entropy_with_logits(x, targets)",
  },
  {
    name: "squared error",
    x: drawn([4, 2], 4),
    others: { targets: drawn([4, 2], 5) },
    build: (builder) => meanSquaredError(builder, { predictions: "x", targets: "targets" }),
    torch: "F.mse_loss(x, targets)",
  },
  {
    name: "ranking of in-batch negatives",
    x: drawn([6, 5], 6),
    others: { labels: ints([0, 1, 2]) },
    build: (builder) => ranking(builder, 2),
    torch: "F.cross_entropy(20 * F.normalize(x[:3]) @ F.normalize(x[3:]).T, labels)",
  },
  {
    name: "ranking with a negative of each row",
    x: drawn([9, 5], 7),
    others: { labels: ints([0, 1, 2]) },
    build: (builder) => ranking(builder, 3),
    torch: "F.cross_entropy(20 * F.normalize(x[:3]) @ F.normalize(x[3:]).T, labels)",
  },
  {
    name: "cosines of pairs",
    x: drawn([6, 5], 8),
    others: { targets: drawn([3], 9) },
    build: (builder) => meanSquaredError(builder, { predictions: pairCosines(builder, { embeddings: "x" }), targets: "targets" }),
    torch: "F.mse_loss(F.cosine_similarity(x[:3], x[3:]), targets)",
  },
];

const PROGRAM = `
import json, sys, torch
import torch.nn.functional as F
answers = []
for case in json.load(sys.stdin):
    values = {name: torch.tensor(value["values"], dtype=torch.int64 if value.get("type") == "int64" else torch.float32).view(value["dims"]) for name, value in {"x": case["x"], **case["others"]}.items()}
    values["x"].requires_grad_()
    loss = eval(case["torch"], {"F": F, **values})
    loss.backward()
    answers.append({"loss": loss.item(), "gradient": values["x"].grad.flatten().tolist()})
json.dump(answers, sys.stdout)
`;

describe.skipIf(referee === undefined)("losses and their gradients are PyTorch's", () => {
  let theirs: readonly { loss: number; gradient: number[] }[] = [];
  beforeAll(() => {
    theirs = JSON.parse(runReferee(PROGRAM, JSON.stringify(CASES)).toString()) as typeof theirs;
  });

  it.each(CASES.map((one, index) => ({ ...one, index })))("$name", async ({ x, others, build, index }) => {
    const builder = new GraphBuilder(createModel({ name: "loss", opset: 17 }));
    for (const [name, { type = "float32", dims }] of Object.entries({ x, ...others })) builder.input(name, type, dims);
    const loss = build(builder);
    const gradient = appendGradients(builder, { loss, wrt: ["x"] }).get("x") ?? "";
    builder.output(loss, { name: "loss", type: "float32", shape: [] });
    builder.output(gradient, { name: "gradient", type: "float32", shape: x.dims });
    const session = await open(builder.model);
    const ours = await session.run({ x, ...others });
    await session.close();
    expect(ours["loss"]?.values[0]).toBeCloseTo(theirs[index]?.loss ?? Number.NaN, 5);
    expect(ours["gradient"]?.values).toHaveLength(theirs[index]?.gradient.length ?? 0);
    for (const [at, value] of (ours["gradient"]?.values ?? []).entries())
      expect(value, `element ${at}`).toBeCloseTo(theirs[index]?.gradient[at] ?? Number.NaN, 5);
  });
});
