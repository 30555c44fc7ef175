import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  decodeModel,
  dataTypeName,
  encodeModel,
  externalLocation,
  externalTensor,
  foldConstants,
  inferShapes,
  type ModelProto,
} from "@graft/onnx";
import * as ort from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { minilmExports } from "../../../../test/exports.ts";
import { contradictions, type Feeds, inventedSymbols, observeValues } from "./observe.ts";
import { disagreements, refereeShapes } from "./onnx-referee.ts";

const SYMBOLS = { batch: 3, sequence: 5 };
/** Weights from this size on do not take part in shapes. */
const LARGE = 4_096;

/** A model whose external weights are in it, as running it from memory wants. */
function selfContained(path: string): ModelProto {
  const model = decodeModel(readFileSync(path));
  for (const tensor of model.graph?.initializer ?? []) {
    const place = externalLocation(tensor);
    if (place?.length === undefined) continue;
    const bytes = new Uint8Array(place.length);
    const file = openSync(join(dirname(path), place.location), "r");
    readSync(file, bytes, 0, bytes.length, place.offset);
    closeSync(file);
    Object.assign(tensor, { rawData: bytes, dataLocation: 0, externalData: [] });
  }
  return model;
}

/** The same graph with references instead of large weights. */
function skeleton(model: ModelProto): ModelProto {
  const copy = decodeModel(encodeModel(model));
  const graph = copy.graph;
  if (graph === undefined) return copy;
  graph.initializer = graph.initializer.map((tensor) =>
    tensor.rawData.byteLength < LARGE
      ? tensor
      : externalTensor(tensor.name, { type: dataTypeName(tensor.dataType), dims: tensor.dims.map(Number), location: "weights", offset: 0 }),
  );
  return copy;
}

function feeds(model: ModelProto): Feeds {
  const dims = [SYMBOLS.batch, SYMBOLS.sequence];
  const filled = (value: bigint): ort.Tensor =>
    new ort.Tensor("int64", new BigInt64Array(SYMBOLS.batch * SYMBOLS.sequence).fill(value), dims);
  return Object.fromEntries(
    (model.graph?.input ?? []).map(({ name }) => [name, filled(name === "input_ids" ? 100n : name === "attention_mask" ? 1n : 0n)]),
  );
}

const exports = minilmExports();

describe.skipIf(exports === undefined).each(["legacy", "dynamo"] as const)("the %s export of all-MiniLM-L6-v2", (kind) => {
  const model = exports === undefined ? undefined : selfContained(exports[kind]);

  test("has no value whose shape is not known, and none that a run contradicts, folded or not", async () => {
    if (model === undefined) return;
    const inferred = inferShapes(model);
    expect(inventedSymbols(inferred)).toEqual([]);
    const observed = await observeValues(model, feeds(model));
    expect(contradictions(inferred, { observed, symbols: SYMBOLS })).toEqual([]);

    const last = "last_hidden_state";
    foldConstants(model);
    const after = await observeValues(model, feeds(model));
    expect(contradictions(inferShapes(model), { observed: after, symbols: SYMBOLS })).toEqual([]);
    expect(after.get(last)?.data).toEqual(observed.get(last)?.data);
  });

  test("is seen by onnx.shape_inference no differently", () => {
    if (model === undefined) return;
    const bare = skeleton(model);
    const verdict = refereeShapes({ model: bare })["model"] ?? {};
    expect(verdict.error).toBeUndefined();
    expect(disagreements(bare, verdict)).toEqual([]);
  });
});
