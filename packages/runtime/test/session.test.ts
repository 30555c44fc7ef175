import { createModel, encodeModel, externalTensor, GraphBuilder } from "@graft/onnx";
import { floatValue, type Session, type SessionOptions } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { expect, onTestFinished, test } from "vitest";
import { accumulator, doubler, halver, identity, pair, slow, square } from "./models.ts";

async function open(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const session = await openSession(model, { threads: 1, ...options });
  onTestFinished(() => session.close());
  return session;
}

const carried = { state: { w: pair(1, 2) }, carry: { w_next: "w" } };

test("a model runs and says what it takes and gives", async () => {
  const session = await open(accumulator());
  expect(session).toMatchObject({ inputNames: ["x", "w"], outputNames: ["w_next", "total"], device: "cpu" });
  expect(await session.run({ x: pair(10, 20), w: pair(1, 2) })).toEqual({
    w_next: pair(11, 22),
    total: { type: "float32", dims: [], data: Float32Array.of(3) },
  });
});

test("an output named in carry is the state of the next run, and is not given unless fetched", async () => {
  const session = await open(accumulator(), carried);
  expect(Object.keys(await session.run({ x: pair(10, 20) }))).toEqual(["total"]);
  expect(await session.run({ x: pair(10, 20) }, { fetches: ["w_next"] })).toEqual({ w_next: pair(21, 42) });
  expect(await session.state()).toEqual({ w: pair(21, 42) });
  expect((await session.run({ x: pair(0, 0) }))["total"]?.data).toEqual(Float32Array.of(63));
});

test("state can be read and replaced, and what was read does not change afterwards", async () => {
  const session = await open(accumulator(), carried);
  const before = await session.state(["w"]);
  await session.setState({ w: pair(5, 5) });
  await session.run({ x: pair(1, 1) });
  expect(before).toEqual({ w: pair(1, 2) });
  expect(await session.state()).toEqual({ w: pair(6, 6) });
});

test("a part works on the state of the session, and is run by its name", async () => {
  const session = await open(accumulator(), { ...carried, parts: { double: { model: doubler(), carry: { w_next: "w" } } } });
  await session.run({ x: pair(10, 20) });
  expect(await session.run({}, { part: "double" })).toEqual({});
  expect(await session.run({}, { part: "double", fetches: ["w_next"] })).toEqual({ w_next: pair(44, 88) });
  await session.run({ x: pair(1, 1) });
  expect(await session.state()).toEqual({ w: pair(45, 89) });
  await expect(session.run({}, { part: "triple" })).rejects.toMatchObject({ code: "USAGE", message: expect.stringContaining('"triple"') });
  await expect(session.run({ x: pair(1, 1) }, { part: "double" })).rejects.toMatchObject({ code: "USAGE" });
});

test("a part runs over large state piece by piece and writes over it, not over what the caller gave", async () => {
  const w = floatValue(
    [2, 4],
    Float32Array.from({ length: 8 }, (_, index) => index),
  );
  const options = {
    state: { w },
    parts: { halve: { model: halver(), carry: { next: "piece" }, pieces: { size: 3, groups: [{ piece: "w" }] } } },
  };
  const session = await open(identity(), options);
  expect(await session.run({}, { part: "halve" })).toEqual({});
  const halves = floatValue(
    [2, 4],
    w.data.map((value) => value / 2),
  );
  expect(await session.state()).toEqual({ w: halves });
  expect((await session.run({}))["same"]).toEqual(halves);
  expect(w.data[7]).toBe(7);
  const moved = await open(identity(), { ...options, givesState: true });
  expect([w.data.length, (await moved.state())["w"]?.data[7]]).toEqual([0, 7]);
});

test("what is fed stays the caller's, also when it is a part of a larger buffer", async () => {
  const session = await open(accumulator());
  const all = Float32Array.of(9, 9, 10, 20, 9);
  const x = { type: "float32" as const, dims: [2], data: all.subarray(2, 4) };
  expect((await session.run({ x, w: x }))["w_next"]).toEqual(pair(20, 40));
  expect(all).toEqual(Float32Array.of(9, 9, 10, 20, 9));
});

test("every element type goes in and comes out", async () => {
  const builder = new GraphBuilder(createModel({ name: "types" }));
  const feeds = {
    float32: Float32Array.of(1.5, -2),
    float64: Float64Array.of(1.5, -2),
    float16: Uint16Array.of(0x3c00, 0xc000),
    int64: BigInt64Array.of(1n, -(2n ** 60n)),
    int32: Int32Array.of(1, -2),
    uint8: Uint8Array.of(1, 255),
    int8: Int8Array.of(1, -2),
    bool: Uint8Array.of(1, 0),
  };
  const types = Object.keys(feeds) as (keyof typeof feeds)[];
  for (const type of types) builder.output(builder.input(`${type}_in`, type, [2]), { name: type, type, shape: [2] });
  const session = await open(encodeModel(builder.model));
  const outputs = await session.run(Object.fromEntries(types.map((type) => [`${type}_in`, { type, dims: [2], data: feeds[type] }])));
  for (const type of types) expect(outputs[type]).toEqual({ type, dims: [2], data: feeds[type] });
});

test("a misspelt input, one that is not fed, and an unknown output are refused by name", async () => {
  const session = await open(accumulator());
  await expect(session.run({ y: pair(1, 1) })).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringContaining('Cannot feed "y"'),
  });
  await expect(session.run({ x: pair(1, 1) })).rejects.toMatchObject({ code: "USAGE", message: expect.stringContaining('"w" is not fed') });
  await expect(session.run({ x: pair(1, 1), w: pair(1, 1) }, { fetches: ["z"] })).rejects.toMatchObject({ code: "USAGE" });
  await expect(session.setState({ v: pair(1, 1) })).rejects.toMatchObject({ code: "USAGE" });
  await expect(session.state(["x"])).rejects.toMatchObject({ code: "USAGE" });
});

test("a wrong shape is refused, and the session goes on with its state unchanged", async () => {
  const session = await open(accumulator(), carried);
  await expect(session.run({ x: { type: "float32", dims: [3], data: new Float32Array(3) } })).rejects.toMatchObject({
    name: "GraftError",
    message: expect.stringContaining("Expected: 2"),
  });
  expect(await session.state()).toEqual({ w: pair(1, 2) });
  await session.run({ x: pair(1, 1) });
  expect(await session.state()).toEqual({ w: pair(2, 3) });
});

test("state or carry that the model does not have is refused when the session opens", async () => {
  await expect(openSession(accumulator(), { state: { v: pair(1, 1) } })).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringContaining('no input "v"'),
  });
  await expect(openSession(accumulator(), { carry: { v: "w" } })).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringContaining('no output "v"'),
  });
});

test("bytes that are no model are ONNX_INVALID", async () => {
  await expect(openSession(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ name: "GraftError", code: "ONNX_INVALID" });
});

test("a device that is not there is DEVICE_UNAVAILABLE with a hint, and one that does not exist is USAGE", async () => {
  const session = openSession(accumulator(), { device: "cuda" });
  session.then(
    (opened) => opened.close(),
    () => undefined,
  );
  await session.then(
    (opened) => expect(opened.device).toBe("cuda"),
    (error) => expect(error).toMatchObject({ code: "DEVICE_UNAVAILABLE", hint: expect.stringContaining("install.js") }),
  );
  await expect(openSession(accumulator(), { device: "abacus" as "cpu" })).rejects.toMatchObject({ code: "USAGE" });
});

test("the switches for memory and optimisation do not change what is computed", async () => {
  const session = await open(accumulator(), {
    memoryPattern: false,
    arena: false,
    optimise: "basic",
    disabledOptimisers: ["MatMulAddFusion", "ConstantFolding"],
    device: "auto",
  });
  expect((await session.run({ x: pair(1, 2), w: pair(3, 4) }))["w_next"]).toEqual(pair(4, 6));
});

test("weights outside the folder are ONNX_INVALID", async () => {
  const builder = new GraphBuilder(createModel({ name: "escape" }));
  const weight = builder.initializer(externalTensor("w", { type: "float32", dims: [2], location: "../secret", offset: 0, length: 8 }));
  builder.output(builder.op("Add", [weight, weight]), { name: "y", type: "float32", shape: [2] });
  await expect(openSession(encodeModel(builder.model), { folder: import.meta.dirname })).rejects.toMatchObject({
    code: "ONNX_INVALID",
    message: expect.stringContaining("secret"),
  });
});

test("the model and the state that a session was opened with stay the caller's", async () => {
  const model = accumulator();
  const state = { w: pair(1, 2) };
  await open(model, { state });
  expect(model.byteLength).toBeGreaterThan(0);
  expect(state).toEqual({ w: pair(1, 2) });
});

test("the event loop stays free while a model runs", async () => {
  const session = await open(slow(40));
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), 5);
  await session.run({ x: square(400) });
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(3);
});

test("runs queue in the order they are asked for", async () => {
  const session = await open(accumulator(), carried);
  const totals = await Promise.all([1, 10, 100].map(async (value) => (await session.run({ x: pair(value, 0) }))["total"]?.data[0]));
  expect(totals).toEqual([3, 4, 14]);
});

test("closing during a run is safe: that run and those that wait are cancelled, and later ones too", async () => {
  const session = await open(slow(40));
  const runs = [session.run({ x: square(300) }), session.run({ x: square(300) })].map((run) =>
    expect(run).rejects.toMatchObject({ code: "CANCELLED" }),
  );
  await Promise.all([session.close(), session.close()]);
  await Promise.all(runs);
  await expect(session.run({ x: square(2) })).rejects.toMatchObject({ code: "CANCELLED" });
  await session.close();
});

test("peak memory is that of the whole process", async () => {
  const session = await open(accumulator());
  expect(await session.peakMemory()).toBeGreaterThan(20e6);
});

test("more memory than there is is OUT_OF_MEMORY, with what to do", async () => {
  const builder = new GraphBuilder(createModel({ name: "huge" }));
  const shape = builder.input("shape", "int64", [2]);
  builder.output(builder.op("ReduceSum", [builder.op("ConstantOfShape", [shape])], { attributes: { keepdims: 0 } }), {
    name: "sum",
    type: "float32",
    shape: [],
  });
  const session = await open(encodeModel(builder.model));
  const size = { type: "int64" as const, dims: [2], data: BigInt64Array.of(2n ** 22n, 2n ** 22n) };
  await expect(session.run({ shape: size })).rejects.toMatchObject({
    code: "OUT_OF_MEMORY",
    hint: expect.stringContaining("--micro-batch"),
  });
});
