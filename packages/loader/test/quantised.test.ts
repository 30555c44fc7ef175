import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Base } from "@graft/architectures";
import { openBase } from "@graft/architectures/node";
import { load, type LoadedModel, type LoadOptions, type Prediction, type Row } from "@graft/loader/node";
import { cloneModel, dataTypeName, encodeModel, rawTensor } from "@graft/onnx";
import { referee, runReferee } from "../../../test/referee.ts";
import { randomAdapter } from "./random-adapter.ts";
import { tinyBase } from "../../methods/test/tiny-base.ts";

const ROWS: readonly Row[] = [{ ids: [1, 5, 7, 2] }, { ids: [3, 9] }, { ids: [4, 4, 4, 4, 4, 4, 4] }];

const QUANTISE = `
import sys, onnx, onnxruntime, numpy
from onnxruntime.quantization import quantize_dynamic, quantize_static, QuantType, QuantFormat, CalibrationDataReader
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
folder = sys.stdin.read().strip()
source = f"{folder}/folded.onnx"
options = onnxruntime.SessionOptions()
options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
options.optimized_model_filepath = source
onnxruntime.InferenceSession(f"{folder}/base.onnx", options)
class Rows(CalibrationDataReader):
    def __init__(self):
        generator = numpy.random.default_rng(1)
        shape = (4, 7)
        self.rows = iter([{"input_ids": generator.integers(0, 20, shape), "attention_mask": numpy.ones(shape, numpy.int64), "token_type_ids": numpy.zeros(shape, numpy.int64)} for _ in range(8)])
    def get_next(self):
        return next(self.rows, None)
for each in (False, True):
    name = "channel" if each else "tensor"
    quantize_dynamic(source, f"{folder}/dynamic-{name}.onnx", op_types_to_quantize=["MatMul"], per_channel=each, weight_type=QuantType.QInt8)
    quantize_static(source, f"{folder}/qdq-{name}.onnx", Rows(), quant_format=QuantFormat.QDQ, op_types_to_quantize=["MatMul"], per_channel=each, weight_type=QuantType.QInt8)
    quantize_static(source, f"{folder}/qlinear-{name}.onnx", Rows(), quant_format=QuantFormat.QOperator, op_types_to_quantize=["MatMul"], per_channel=each, weight_type=QuantType.QInt8)
for symmetric in (True, False):
    quantizer = MatMulNBitsQuantizer(onnx.load(source), block_size=16, is_symmetric=symmetric)
    quantizer.process()
    onnx.save(quantizer.model.model, f"{folder}/nbits-{'symmetric' if symmetric else 'zeros'}.onnx")
print("done")
`;

/** Types in which the builds store what a merge changes. */
const BUILDS = {
  "dynamic-tensor": "int8",
  "dynamic-channel": "int8",
  "qdq-tensor": "int8",
  "qdq-channel": "int8",
  "qlinear-tensor": "int8",
  "qlinear-channel": "int8",
  "nbits-symmetric": "uint8",
  "nbits-zeros": "uint8",
} as const;

const opened: LoadedModel[] = [];
async function loaded(base: Base, options: LoadOptions): Promise<LoadedModel> {
  const model = await load(base, { threads: 1, allowMismatch: true, ...options });
  opened.push(model);
  return model;
}
afterAll(() => Promise.all(opened.map((model) => model.close())));

function difference(one: readonly Prediction[], other: readonly Prediction[]): number {
  return Math.max(
    ...one.flatMap(({ logits }, row) => Array.from(logits, (value, index) => Math.abs(value - (other[row]?.logits[index] ?? Infinity)))),
  );
}

/** The base's graph with its weights inside, as quantisers take it. */
async function inline({ model, weights }: Base): Promise<Base["model"]> {
  const copy = cloneModel(model);
  for (const [index, tensor] of (copy.graph?.initializer ?? []).entries()) {
    if (tensor.dataLocation !== 1) continue;
    const own = { type: dataTypeName(tensor.dataType), dims: tensor.dims.map(Number), bytes: await weights.read(tensor) };
    copy.graph?.initializer.splice(index, 1, rawTensor(tensor.name, own));
  }
  return copy;
}

describe.each(["F16", "BF16"] as const)("a base stored as %s", (dtype) => {
  test("takes a merge, and the report says that little is lost", async () => {
    const base = await tinyBase({ dtype });
    const adapter = await randomAdapter(base, { method: { name: "lora", rank: 4, targets: "all-linear" } });
    const merged = await loaded(base, { adapters: [adapter], mode: "merge" });
    const attached = await loaded(base, { adapters: [adapter] });
    expect(difference(await attached.run(ROWS), await merged.run(ROWS))).toBeLessThan(0.05);
    for (const { correlation } of merged.adapters[0]?.rounded ?? []) expect(correlation).toBeGreaterThan(0.99);
  });
});

describe.skipIf(referee === undefined)("builds that ONNX Runtime quantised", () => {
  let base: Base;
  let folder: string;
  let large: Uint8Array;
  let small: Uint8Array;
  beforeAll(async () => {
    base = await tinyBase();
    folder = await mkdtemp(join(tmpdir(), "graft-quantised-"));
    await writeFile(join(folder, "base.onnx"), encodeModel(await inline(base)));
    await writeFile(join(folder, "config.json"), await readFile(join(dirname(base.files[0] ?? ""), "config.json")));
    runReferee(QUANTISE, folder);
    const method = { name: "lora", rank: 4, targets: "attention" } as const;
    large = await randomAdapter(base, { method, size: 0.3 });
    small = await randomAdapter(base, { method, size: 0.01 });
  });

  test.each(Object.entries(BUILDS))("%s: attached, the adapter adds what it adds to the float base", async (build) => {
    const own = await openBase(join(folder, `${build}.onnx`));
    const there = await loaded(own, { adapters: [large] });
    const here = await loaded(base, { adapters: [large] });
    const bare = await loaded(own, { adapters: [], mode: "merge" });
    expect(difference(await there.run(ROWS, { adapter: null }), await bare.run(ROWS))).toBeLessThan(1e-4);
    // What the build's own rounding does.
    expect(difference(await there.run(ROWS), await here.run(ROWS))).toBeLessThan(build.startsWith("nbits") ? 0.4 : 0.2);
    expect(there.adapters[0]?.fit).toBe("override");
  });

  test.each(Object.entries(BUILDS))(
    "%s: a merge of a large difference outlives the rounding, and the report says what of it",
    async (build, stored) => {
      const own = await openBase(join(folder, `${build}.onnx`));
      const merged = await loaded(own, { adapters: [large], mode: "merge", allowLossy: true });
      const attached = await loaded(own, { adapters: [large] });
      const rounded = merged.adapters[0]?.rounded ?? [];
      expect(rounded).toHaveLength(4);
      for (const target of rounded) {
        expect(target.stored).toBe(stored);
        expect(target.changed).toBeGreaterThan(0.3);
        expect(target.correlation).toBeGreaterThan(0.6);
      }
      expect(difference(await attached.run(ROWS), await merged.run(ROWS))).toBeLessThan(0.5);
      const comparison = await merged.compareMerge(ROWS);
      expect(comparison.largestDifference).toBeCloseTo(difference(await attached.run(ROWS), await merged.run(ROWS)), 5);
      expect(comparison).toMatchObject({ rows: 3, rounded });
    },
  );

  test.each(Object.keys(BUILDS))("%s: a merge of a difference below the steps is refused, and attaching is advised", async (build) => {
    const own = await openBase(join(folder, `${build}.onnx`));
    await expect(load(own, { adapters: [small], mode: "merge", threads: 1, allowMismatch: true })).rejects.toMatchObject({
      code: "MERGE_LOSSY",
      hint: expect.stringContaining("Attach"),
      detail: { targets: expect.arrayContaining([expect.objectContaining({ module: expect.stringContaining("query") })]) },
    });
  });
});
