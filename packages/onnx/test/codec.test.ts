import { create, toBinary, toJson } from "@bufbuild/protobuf";
import { readFileSync } from "node:fs";
import { createModel, decodeModel, encodeModel, floatTensor, GraphBuilder, rawTensor } from "@graft/onnx";
import { describe, expect, test } from "vitest";
import { minilmExports } from "../../../test/exports.ts";
import { referee } from "../../../test/referee.ts";
import { ModelProtoSchema } from "../src/proto/onnx_pb.ts";

function small(): GraphBuilder["model"] {
  const builder = new GraphBuilder(createModel({ name: "small" }));
  builder.input("x", "float32", ["batch", 2]);
  builder.output(builder.op("Add", ["x", builder.initializer(floatTensor("b", [2], [1, 2]))]), { type: "float32", shape: ["batch", 2] });
  return builder.model;
}

test("fields that the schema does not know survive, in the model and in a node", () => {
  const model = small();
  // Field 1000, three bytes.
  const unknown = { no: 1000, wireType: 2, data: Uint8Array.of(3, 7, 8, 9) };
  model.$unknown = [unknown];
  const node = model.graph?.node[0];
  if (node !== undefined) node.$unknown = [unknown];
  const again = decodeModel(encodeModel(model));
  expect(again.$unknown).toEqual([unknown]);
  expect(again.graph?.node[0]?.$unknown).toEqual([unknown]);
  expect(encodeModel(again)).toEqual(encodeModel(model));
});

test("bytes that are no model, or one cut short, are refused", () => {
  const bytes = encodeModel(small());
  for (const broken of [
    new Uint8Array(),
    new TextEncoder().encode("<html>"),
    bytes.subarray(0, bytes.length - 3),
    toBinary(ModelProtoSchema, create(ModelProtoSchema)),
  ]) {
    expect(() => decodeModel(broken)).toThrow(expect.objectContaining({ code: "ONNX_INVALID" }));
  }
});

test("a model that no protobuf message can hold is refused before it is written", () => {
  const model = small();
  const bytes = new Uint8Array(2 ** 30);
  for (const name of ["a", "b"]) model.graph?.initializer.push(rawTensor(name, { type: "uint8", dims: [2 ** 30], bytes }));
  expect(() => encodeModel(model)).toThrow(expect.objectContaining({ code: "LIMIT_EXCEEDED" }));
});

describe.skipIf(referee === undefined)("real exports", () => {
  test.each(["legacy", "dynamo"] as const)("the %s export keeps every byte of meaning", (kind) => {
    const bytes = new Uint8Array(readFileSync(minilmExports()?.[kind] ?? ""));
    const model = decodeModel(bytes);
    const written = encodeModel(model);
    if (Buffer.compare(written, bytes) === 0) return;
    // Writers may order fields otherwise: then nothing may be lost.
    expect(written.length).toBe(bytes.length);
    const again = decodeModel(written);
    for (const { graph } of [model, again])
      for (const tensor of graph?.initializer ?? [])
        if (tensor.rawData.length > 1024) tensor.rawData = Uint8Array.from(tensor.rawData.subarray(0, 64));
    expect(toJson(ModelProtoSchema, again)).toEqual(toJson(ModelProtoSchema, model));
  });
});
