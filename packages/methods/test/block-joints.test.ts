import { openBase } from "@graft/architectures/node";
import { cloneModel, createModel, GraphBuilder, floatTensor, GraphIndex, type ModelProto } from "@graft/onnx";
import { describe, expect, test } from "vitest";
import { type Exports, minilmExports } from "../../../test/exports.ts";
import { referee } from "../../../test/referee.ts";
import { findJoints } from "../src/block-joints.ts";
import { tinyBase } from "./tiny-base.ts";

test("a checkpoint's blocks join at the values that one gives and the next reads", async () => {
  const { model } = await tinyBase();
  const [first, second, ...more] = findJoints(model);
  expect(more).toEqual([]);
  expect(first).toMatchObject({ module: "encoder.layer.0", normalised: "after" });
  expect(second).toMatchObject({ module: "encoder.layer.1", input: first?.output });
  const index = new GraphIndex(model.graph as NonNullable<ModelProto["graph"]>);
  const adds = [first, second].flatMap((block) => [block?.attention, block?.feedForward]).map((part) => index.producer(part?.sum ?? ""));
  expect(adds.map((node) => node?.opType)).toEqual(["Add", "Add", "Add", "Add"]);
  const ends = [first?.input, first?.output, second?.output].map((value) => index.producer(value ?? "")?.opType);
  expect(ends).toEqual(["LayerNormalization", "LayerNormalization", "LayerNormalization"]);
});

describe.skipIf(referee === undefined)("an export of all-MiniLM-L6-v2", () => {
  test.each(["checkpoint", "legacy", "dynamo"] as const)("as %s has six blocks, normalised after the sum", async (form) => {
    const { model } = await openBase((minilmExports() as Exports)[form]);
    const blocks = findJoints(model);
    expect(blocks.map(({ module }) => module)).toEqual([0, 1, 2, 3, 4, 5].map((layer) => `encoder.layer.${layer}`));
    expect(blocks.every(({ normalised }) => normalised === "after")).toBe(true);
    expect(blocks.slice(1).map(({ input }) => input)).toEqual(blocks.slice(0, -1).map(({ output }) => output));
  });
});

describe("what cannot be found is named", () => {
  test("a model without numbered modules", () => {
    const model = createModel({ name: "none" });
    const builder = new GraphBuilder(model);
    builder.input("x", "float32", ["batch", 4]);
    const weight = builder.initializer(floatTensor("net.linear.weight", [4, 4], new Float32Array(16)));
    builder.output(builder.op("MatMul", ["x", weight]), { name: "y", type: "float32", shape: ["batch", 4] });
    expect(() => findJoints(model)).toThrow(
      expect.objectContaining({ code: "ONNX_UNSUPPORTED", message: expect.stringContaining("numbered module") }),
    );
  });

  test("a block whose feed-forward layers do not join the residual stream", async () => {
    const base = await tinyBase();
    const model = cloneModel(base.model);
    const joint = findJoints(model).at(-1)?.feedForward.sum ?? "";
    const sum = model.graph?.node.find(({ output }) => output.includes(joint));
    // A product in the place of the sum.
    if (sum !== undefined) sum.opType = "Mul";
    expect(() => findJoints(model)).toThrow(
      expect.objectContaining({
        code: "ONNX_UNSUPPORTED",
        message: expect.stringContaining('1 dense layers of "encoder.layer.1" (6 matrices)'),
      }),
    );
  });
});
