import { mkdtemp, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Base } from "@graft/architectures";
import { openBase } from "@graft/architectures/node";
import { GraftError } from "@graft/error";
import { openAdapter, packAdapter } from "@graft/format";
import { load, type LoadedModel, type LoadOptions, type Prediction, type Row } from "@graft/loader/node";
import { cloneModel, dataTypeName, encodeModel, rawTensor } from "@graft/onnx";
import { openModelFile } from "@graft/onnx/node";
import { padBatch } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { randomAdapter } from "./random-adapter.ts";
import { tinyBase } from "../../methods/test/tiny-base.ts";

const ROWS: readonly Row[] = [{ ids: [1, 5, 7, 2] }, { ids: [3, 9] }, { ids: [4, 4, 4, 4, 4, 4, 4] }];

const opened: LoadedModel[] = [];
async function loaded(base: Base, options: LoadOptions): Promise<LoadedModel> {
  const model = await load(base, { threads: 1, ...options });
  opened.push(model);
  return model;
}
afterAll(() => Promise.all(opened.map((model) => model.close())));

function difference(one: readonly Prediction[], other: readonly Prediction[]): number {
  return Math.max(
    ...one.flatMap(({ logits }, row) =>
      Array.from(logits, (value, index) => Math.abs(value - (other[row]?.logits[index] ?? Number.NaN)) / Math.max(1, Math.abs(value))),
    ),
  );
}

const logits = (answers: readonly Prediction[]): Float32Array[] => answers.map((answer) => answer.logits);

let base: Base;
let first: Uint8Array;
let second: Uint8Array;
beforeAll(async () => {
  base = await tinyBase();
  first = await randomAdapter(base, { seed: 1, changes: { name: "@test/first", version: "1.0.0" } });
  second = await randomAdapter(base, {
    seed: 2,
    labels: ["no", "yes"],
    method: { name: "lora", rank: 4, targets: "all-linear" },
    changes: { name: "@test/second", version: "1.0.0" },
  });
});

describe.each(["F32", "F16"] as const)("on a base stored as %s", (dtype) => {
  test("attached and merged logits are equal to 1e-5", async () => {
    const own = await tinyBase({ dtype });
    for (const method of [{ name: "lora", rank: 4, targets: "all-linear" }, { name: "lora", rank: 2 }, { name: "head" }] as const) {
      const adapter = await randomAdapter(own, { method });
      const attached = await loaded(own, { adapters: [adapter], mode: "attach" });
      const merged = await loaded(own, { adapters: [adapter], mode: "merge" });
      expect(difference(await attached.run(ROWS), await merged.run(ROWS))).toBeLessThan(1e-5);
    }
  });
});

describe.each(["prefix-embedding", "prefix-layer", "bottleneck"] as const)("an adapter by %s", (name) => {
  test("is attached, and rows give the same answer alone and beside longer ones", async () => {
    const model = await loaded(base, { adapters: [await randomAdapter(base, { method: { name } })] });
    const head = await loaded(base, { adapters: [await randomAdapter(base, { method: { name: "head" } })] });
    const alone = [];
    for (const row of ROWS) alone.push(...(await model.run([row])));
    expect(difference(alone, await model.run(ROWS))).toBeLessThan(1e-5);
    expect(difference(alone, await head.run(ROWS))).toBeGreaterThan(1e-3);
  });

  test("is not merged, and the error says why", async () => {
    const adapter = await randomAdapter(base, { method: { name } });
    const refusal = { code: "USAGE", message: expect.stringContaining("no weight of the base"), hint: expect.stringContaining("attach") };
    await expect(load(base, { adapters: [adapter], mode: "merge" })).rejects.toMatchObject(refusal);
    const folder = await mkdtemp(join(tmpdir(), "graft-refused-"));
    await expect((await loaded(base, { adapters: [adapter] })).write(join(folder, "out"))).rejects.toMatchObject(refusal);
    expect(await readdir(folder)).toEqual([]);
  });
});

test("rows are cut to what inserted positions leave of the base's length, and longer tokens refused", async () => {
  const adapter = await randomAdapter(base, { method: { name: "prefix-embedding", prefix: 4, infix: 2 } });
  const model = await loaded(base, { adapters: [adapter] });
  const row = (length: number): Row => ({ ids: Array.from({ length }, () => 5) });
  expect(await model.run([row(10)])).toHaveLength(1);
  await expect(model.run([row(11)])).rejects.toMatchObject({ code: "USAGE", message: expect.stringContaining("at most 10") });
});

test("tensors that do not fit what the manifest says of the method are refused", async () => {
  const adapter = await randomAdapter(base, {
    method: { name: "prefix-embedding", prefix: 4 },
    changes: { method: { name: "prefix-embedding", prefix: 5, infix: 0 } },
  });
  await expect(load(base, { adapters: [adapter] })).rejects.toMatchObject({ code: "ADAPTER_INVALID" });
  const unknown = await randomAdapter(base, { method: { name: "prefix-embedding" }, changes: { method: { name: "prefix-of-tomorrow" } } });
  await expect(load(base, { adapters: [unknown] })).rejects.toMatchObject({ code: "ADAPTER_INVALID", hint: "Update Graft" });
});

test("an answer has a label, a score for every label, and the logits", async () => {
  const model = await loaded(base, { adapters: [first] });
  const [answer] = await model.run(ROWS);
  expect(Object.keys(answer?.scores ?? {})).toEqual(["act", "animal", "plant"]);
  expect(Object.values(answer?.scores ?? {}).reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 6);
  expect(answer?.scores[answer.label ?? ""]).toBe(Math.max(...Object.values(answer?.scores ?? {})));
});

test("rows give the same answer alone and in a batch of other lengths", async () => {
  const model = await loaded(base, { adapters: [first] });
  const alone = [];
  for (const row of ROWS) alone.push(...(await model.run([row])));
  expect(difference(alone, await model.run(ROWS))).toBeLessThan(1e-5);
});

test.each(["attach", "merge"] as const)("switching from A to B and back gives A's bits again (%s)", async (mode) => {
  const model = await loaded(base, { adapters: [first, second], mode });
  expect(model.current).toBe("@test/first");
  const before = await model.run(ROWS);
  model.switch("@test/second");
  const other = await model.run(ROWS);
  model.switch("@test/first@1.0.0");
  expect(logits(await model.run(ROWS))).toEqual(logits(before));
  expect(other[0]?.logits).toHaveLength(2);
});

test("a run uses the adapter that is current when it is called, whatever is switched to meanwhile", async () => {
  const model = await loaded(base, { adapters: [first, second] });
  const expected = [logits(await model.run(ROWS, { adapter: "@test/first" })), logits(await model.run(ROWS, { adapter: "@test/second" }))];
  const runs = [model.run(ROWS)];
  model.switch("@test/second");
  runs.push(model.run(ROWS), model.run(ROWS, { adapter: "@test/first" }));
  const [one, two, three] = (await Promise.all(runs)).map(logits);
  expect([one, two, three]).toEqual([expected[0], expected[1], expected[0]]);
});

test("an adapter can be added later, and the ones before keep their bits", async () => {
  const model = await loaded(base, { adapters: [first] });
  const before = logits(await model.run(ROWS));
  await model.add(second);
  expect(logits(await model.run(ROWS, { adapter: "@test/first" }))).toEqual(before);
  expect((await model.run(ROWS, { adapter: "@test/second" }))[0]?.logits).toHaveLength(2);
});

test("an adapter for other weights is refused, and the targets that differ are named", async () => {
  const other = await tinyBase({ seed: 99 });
  await expect(load(other, { adapters: [first] })).rejects.toMatchObject({
    code: "BASE_MISMATCH",
    message: expect.stringContaining("4 of 4 targets have other weights"),
    detail: {
      targets: 4,
      differing: expect.arrayContaining([{ module: "bert.encoder.layer.0.attention.self.query", reason: "other-weights" }]),
    },
  });
  const model = await loaded(other, { adapters: [first], allowMismatch: true });
  expect(model.adapters[0]?.fit).toBe("override");
});

test("an adapter without targets fits by the base's files or its fingerprint", async () => {
  const head = await randomAdapter(base, { method: { name: "head" } });
  const same = await tinyBase({ pooler: false });
  const kinds = [];
  for (const one of [base, same]) kinds.push((await loaded(one, { adapters: [head] })).adapters[0]?.fit);
  expect(kinds).toEqual(["file", "fingerprint"]);
  await expect(load(await tinyBase({ seed: 99 }), { adapters: [head] })).rejects.toMatchObject({ code: "BASE_MISMATCH" });
});

test.each(["attach", "merge"] as const)("golden cases are run again, and others than recorded are refused (%s)", async (mode) => {
  const model = await loaded(base, { adapters: [first] });
  const [answer] = await model.run([ROWS[0] as Row]);
  const { manifest, tensor, header } = await openAdapter(first);
  const tensors = new Map(await Promise.all([...header.tensors.keys()].map(async (key) => [key, await tensor(key)] as const)));
  const withGolden = (shift: number): Uint8Array => {
    const outputs = Array.from(answer?.logits ?? [], (value) => value + shift);
    return packAdapter({
      tensors,
      manifest: { ...manifest, golden: { tolerance: 1e-4, cases: [{ inputs: { ids: [1, 5, 7, 2] }, outputs }] } },
    });
  };
  expect((await loaded(base, { adapters: [withGolden(0)], mode })).adapters[0]?.goldenCases).toBe(1);
  await expect(load(base, { adapters: [withGolden(0.01)], mode })).rejects.toMatchObject({ code: "GOLDEN_MISMATCH" });
});

test("a model is written as one file with its weights beside it, under names that nothing else has", async () => {
  const model = await loaded(base, { adapters: [first] });
  const folder = await mkdtemp(join(tmpdir(), "graft-merged-"));
  await writeFile(join(folder, "model.safetensors"), "somebody else's");
  const written = await model.write(join(folder, "out.onnx"));
  expect(written).toMatchObject({ path: join(folder, "out.onnx") });
  expect((await readdir(folder)).toSorted()).toEqual(["base-model.safetensors", "model.safetensors", "out.merged.safetensors", "out.onnx"]);
  expect((await stat(join(folder, "base-model.safetensors"))).ino).toBe((await stat(base.files[0] ?? "")).ino);
  await expect(model.write(join(folder, "out.onnx"))).rejects.toMatchObject({ code: "NOT_WRITABLE" });
  await model.write(join(folder, "out.onnx"), { overwrite: true });
  expect(await readdir(folder)).toHaveLength(4);

  const file = await openModelFile(written.path);
  const session = await openSession(encodeModel(file.model), { folder: file.folder, threads: 1 });
  const outputs = await session.run(padBatch([{ ids: [1, 5, 7, 2], typeIds: [0, 0, 0, 0] }], { padId: 0 }));
  await session.close();
  const merged = await loaded(base, { adapters: [first], mode: "merge" });
  expect(outputs["logits"]?.data).toEqual((await merged.run([ROWS[0] as Row]))[0]?.logits);

  // Merging an ONNX file into its own folder shares the file itself; the base is never written over.
  const exported = join(folder, "exported.onnx");
  await writeFile(exported, encodeModel(await withInlineWeights(base)));
  const again = await loaded(await openBase(exported), { adapters: [first] });
  await expect(again.write(exported, { overwrite: true })).rejects.toMatchObject({
    message: expect.stringContaining("a file of the base"),
  });
  await again.write(join(folder, "beside.onnx"));
  expect((await readdir(folder)).filter((name) => /beside|exported/.test(name)).toSorted()).toEqual([
    "beside.merged.safetensors",
    "beside.onnx",
    "exported.onnx",
  ]);
});

/** The base's graph with its weights inside, as a small export has them. */
async function withInlineWeights({ model, weights }: Base): Promise<Base["model"]> {
  const copy = cloneModel(model);
  for (const [index, tensor] of (copy.graph?.initializer ?? []).entries()) {
    if (tensor.dataLocation !== 1) continue;
    const inline = { type: dataTypeName(tensor.dataType), dims: tensor.dims.map(Number), bytes: await weights.read(tensor) };
    copy.graph?.initializer.splice(index, 1, rawTensor(tensor.name, inline));
  }
  return copy;
}

test("a written model is an ordinary one: new weights beside it, the base's file shared, its own answers", async () => {
  const before = await readFile(base.files[0] ?? "");
  const model = await loaded(base, { adapters: [first], mode: "attach" });
  const folder = join(await mkdtemp(join(tmpdir(), "graft-merged-")), "out");
  const written = await model.write(folder);
  expect((await readdir(folder)).toSorted()).toEqual(["merged.safetensors", "model.onnx", "model.safetensors"]);
  expect(written.files.map(({ name, how }) => [name, how])).toEqual([
    ["model.onnx", "written"],
    ["merged.safetensors", "written"],
    ["model.safetensors", "linked"],
  ]);
  expect((await stat(join(folder, "model.safetensors"))).ino).toBe((await stat(base.files[0] ?? "")).ino);
  expect(await readFile(base.files[0] ?? "")).toEqual(before);

  const file = await openModelFile(written.path);
  expect(file.model.metadataProps).toContainEqual(expect.objectContaining({ key: "graft.merged", value: model.adapters[0]?.digest }));
  const session = await openSession(encodeModel(file.model), { folder: file.folder, threads: 1 });
  const outputs = await session.run(padBatch([{ ids: [1, 5, 7, 2], typeIds: [0, 0, 0, 0] }], { padId: 0 }));
  await session.close();
  const merged = await loaded(base, { adapters: [first], mode: "merge" });
  expect(outputs["logits"]?.data).toEqual((await merged.run([ROWS[0] as Row]))[0]?.logits);

  await expect(load(written.path, { adapters: [first] })).rejects.toMatchObject({ code: "MERGED_BASE" });
  await expect(model.write(folder)).rejects.toMatchObject({ code: "NOT_WRITABLE" });
});

test("nothing is left behind where a model cannot be written", async () => {
  const parent = await mkdtemp(join(tmpdir(), "graft-merged-"));
  await writeFile(join(parent, "file"), "");
  const model = await loaded(base, { adapters: [first] });
  await expect(model.write(join(parent, "file", "out"))).rejects.toBeInstanceOf(GraftError);
  expect(await readdir(parent)).toEqual(["file"]);
});

test("an unknown adapter is named together with those that are known", async () => {
  const model = await loaded(base, { adapters: [first] });
  expect(() => model.switch("@test/third")).toThrow(
    expect.objectContaining({ code: "USAGE", message: expect.stringContaining('"@test/first"') }),
  );
});
