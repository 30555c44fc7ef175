import { openSession } from "@graft/runtime/node";
import { METHODS, type MethodOptions } from "@graft/methods";
import { randomBase, train, type OperatorsEvent } from "@graft/train";
import { describe, expect, it } from "vitest";
import { noWebgpu } from "../../../test/webgpu.ts";
import { CONFIG, tinyRows, tinyTokenizer } from "./tiny.ts";

/** Operators on shapes, labels and indices, in whole numbers: the processor's by design, a few numbers each. */
const ON_PROCESSOR = new Set([
  "Add",
  "Cast", "Concat", "ConstantOfShape", "Equal", "Expand", "Gather",
  "GatherElements", "Identity", "Less", "Mod",
  "Mul",
  "Not",
  "Or", "Range", "Reshape", "Shape", "Slice",
  "Squeeze", "Sub", "Unsqueeze", "Where",
]); // prettier-ignore

async function run(method: MethodOptions, device: "cpu" | "webgpu"): Promise<{ losses: number[]; operators: OperatorsEvent["operators"] }> {
  const losses: number[] = [];
  let operators: OperatorsEvent["operators"] = [];
  const options = {
    base: randomBase({ ...CONFIG, num_hidden_layers: 1 }, { seed: 1 }),
    tokenizer: tinyTokenizer(),
    openSession,
    device,
    threads: 1,
    profile: true,
  };
  for await (const event of train({
    ...options,
    task: { type: "text-classification", rows: tinyRows(12) },
    method,
    steps: 2,
    batchSize: 4,
    maxLength: 8,
  })) {
    if (event.type === "step") losses.push(event.loss);
    if (event.type === "operators") ({ operators } = event);
    // What follows the last step is no training; on a software device every new graph takes seconds.
    if (losses.length === 2) break;
  }
  return { losses, operators };
}

describe.skipIf(noWebgpu !== undefined)("a step on WebGPU", () => {
  it.each(Object.keys(METHODS))("of %s has the losses of the processor, and computes nothing large there", async (name) => {
    const method = { name, ...(name === "last-layers" ? { layers: 1 } : {}) } as MethodOptions;
    const [expected, found] = [await run(method, "cpu"), await run(method, "webgpu")];
    expect(found.losses).toHaveLength(2);
    for (const [step, loss] of found.losses.entries()) expect(loss).toBeCloseTo(expected.losses[step] ?? Number.NaN, 4);
    const strays = found.operators.filter(({ provider, operator }) => provider === "CPU" && !ON_PROCESSOR.has(operator));
    expect(strays).toEqual([]);
    expect(found.operators.some(({ provider, operator }) => provider === "WebGpu" && operator === "MatMul")).toBe(true);
  });
});
