import { beforeAll, expect, test } from "vitest";
import type { Base } from "@graft/architectures";
import { appendHead } from "@graft/methods";
import { wholeKey, type Head } from "@graft/format";
import { cloneModel, floatTensor, GraphBuilder } from "@graft/onnx";
import { run } from "./run.ts";
import { tinyBase } from "./tiny-base.ts";

const WIDTH = 8;
const LENGTHS = [4, 2];
const KEYS = { weight: wholeKey("classifier", "weight"), bias: wholeKey("classifier", "bias") };
const weight = Float32Array.from({ length: 2 * WIDTH }, (_, index) => Math.cos(index));
const bias = Float32Array.from([0.5, -0.25]);

let base: Base;
let hidden: Float32Array;
beforeAll(async () => {
  base = await tinyBase();
  hidden = await run(base.model, { folder: base.folder, output: "last_hidden_state" });
});

async function logits(head: Head): Promise<Float32Array> {
  const builder = new GraphBuilder(cloneModel(base.model));
  builder.initializer(floatTensor(KEYS.weight, [2, WIDTH], weight));
  builder.initializer(floatTensor(KEYS.bias, [2], bias));
  const output = builder.output(appendHead(builder, head), { name: "logits", type: "float32", shape: ["batch", 2] });
  return run(builder.model, { folder: base.folder, output });
}

/** x · Wᵀ + b, and what comes after. */
function dense(x: readonly number[], after: (value: number) => number = (value) => value): number[] {
  return [0, 1].map((label) =>
    after((bias[label] ?? 0) + x.reduce((sum, value, index) => sum + value * (weight[label * WIDTH + index] ?? 0), 0)),
  );
}

const position = (row: number, place: number): number[] =>
  Array.from(hidden.subarray((row * 4 + place) * WIDTH, (row * 4 + place + 1) * WIDTH));

function expectClose(found: Float32Array, wanted: readonly number[]): void {
  expect(found).toHaveLength(wanted.length);
  for (const [index, value] of found.entries()) expect(value).toBeCloseTo(wanted[index] ?? Number.NaN, 5);
}

test("`cls` takes the first position", async () => {
  expectClose(
    await logits({ input: "last_hidden_state", pooling: "cls", layers: [KEYS] }),
    [0, 1].flatMap((row) => dense(position(row, 0))),
  );
});

test("`mean` is over the real positions, not the padding", async () => {
  const means = [0, 1].map((row) =>
    Array.from(
      { length: WIDTH },
      (_, index) =>
        Array.from({ length: LENGTHS[row] ?? 0 }, (__, place) => position(row, place)[index] ?? 0).reduce((sum, value) => sum + value, 0) /
        (LENGTHS[row] ?? 1),
    ),
  );
  expectClose(
    await logits({ input: "last_hidden_state", pooling: "mean", layers: [KEYS] }),
    means.flatMap((mean) => dense(mean)),
  );
});

test("`none` gives logits for every position", async () => {
  const positions = [0, 1].flatMap((row) => [0, 1, 2, 3].map((place) => position(row, place)));
  expectClose(
    await logits({ input: "last_hidden_state", pooling: "none", layers: [KEYS] }),
    positions.flatMap((one) => dense(one)),
  );
});

test.each([
  ["tanh", Math.tanh],
  ["relu", (value: number) => Math.max(0, value)],
] as const)("a dense layer ends in %s", async (activation, after) => {
  expectClose(
    await logits({ input: "last_hidden_state", pooling: "cls", layers: [{ ...KEYS, activation }] }),
    [0, 1].flatMap((row) => dense(position(row, 0), after)),
  );
});
