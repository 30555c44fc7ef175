import { createModel, DataType, encodeModel, GraphBuilder } from "@graft/onnx";
import { openSession } from "@graft/runtime/node";
import { describe, expect, it, test } from "vitest";
import { noWebgpu } from "../../../test/webgpu.ts";
import { deviceFault } from "../src/device-fault.ts";

/** A model that makes a value of 2^50 numbers. */
function giant(): Uint8Array {
  const builder = new GraphBuilder(createModel({ name: "giant", opset: 21 }));
  const x = builder.input("x", "float32", [1]);
  const wide = builder.op("Expand", [
    x,
    builder.op("Concat", [builder.int([2 ** 25]), builder.int([2 ** 25])], { attributes: { axis: 0 } }),
  ]);
  builder.output(builder.op("ReduceSum", [wide], { attributes: { keepdims: 0 } }), { type: "float32", shape: [] });
  return encodeModel(builder.model);
}

function half(): Uint8Array {
  const builder = new GraphBuilder(createModel({ name: "half", opset: 21 }));
  const x = builder.op("Cast", [builder.input("x", "float32", [1])], { attributes: { to: DataType.float16 } });
  builder.output(builder.op("Mul", [x, x]), { type: "float16", shape: [1] });
  return encodeModel(builder.model);
}

const feeds = { x: { type: "float32", dims: [1], data: Float32Array.of(1) } } as const;

test("a run that needs more memory than there is says so, and the session goes on", async () => {
  const session = await openSession(giant(), { optimise: "disabled" });
  await expect(session.run(feeds)).rejects.toMatchObject({ code: "OUT_OF_MEMORY", hint: expect.stringContaining("smaller batches") });
  await expect(session.run(feeds)).rejects.toMatchObject({ code: "OUT_OF_MEMORY" });
  await session.close();
});

describe.skipIf(noWebgpu !== undefined)("on WebGPU", () => {
  it("a device without float16 is told apart from a broken model", async () => {
    const session = await openSession(half(), { device: "webgpu" });
    const outcome = await session.run(feeds).then(
      () => "computed",
      (error: { code: string }) => error.code,
    );
    // A graphics card computes it; the software device cannot.
    expect(["computed", "DEVICE_UNAVAILABLE"]).toContain(outcome);
    await session.close();
  });
});

test.each([
  ["Device was lost: the GPU process crashed", "DEVICE_LOST"],
  ["CUDA error 719: unspecified launch failure", "DEVICE_LOST"],
  ["CUDA failure 2: out of memory ; GPU=0", "OUT_OF_MEMORY"],
  ["std::bad_alloc", "OUT_OF_MEMORY"],
])('"%s" is %s', (message, code) => expect(deviceFault(new Error(message), "run the model")?.code).toBe(code));

test("what the model is to blame for is no fault of the device", () =>
  expect(deviceFault(new Error("Got invalid dimensions for input: x"), "run the model")).toBeUndefined());
