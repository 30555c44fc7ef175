import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openBase } from "@graft/architectures/node";
import { createModel, encodeModel, floatTensor, GraphBuilder } from "@graft/onnx";
import { expect, test } from "vitest";
import { batch, runBase } from "./run-base.ts";
import { randomTensors, temporaryFolder, TINY, writeCheckpoint } from "./tiny-bert.ts";

const feeds = batch([5, 3], { vocabSize: 50, types: 2 });

/** A folder with an ONNX file over external weights, as a checkpoint's graph is; and what it computes. */
async function exported(): Promise<{ root: string; want: Float32Array }> {
  const root = await temporaryFolder();
  const base = await openBase(await writeCheckpoint(root, { config: TINY, tensors: randomTensors(TINY) }));
  const want = await runBase(base, feeds);
  for (const tensor of base.model.graph?.initializer ?? [])
    for (const entry of tensor.externalData) if (entry.key === "location") entry.value = "model.onnx_data";
  await mkdir(join(root, "onnx"));
  await writeFile(join(root, "onnx/model.onnx"), encodeModel(base.model));
  await rename(join(root, "model.safetensors"), join(root, "onnx/model.onnx_data"));
  return { root, want };
}

/** A model with its weights inside. */
function inline(metadata: Record<string, string> = {}): Uint8Array {
  const builder = new GraphBuilder(createModel({ name: "inline" }));
  builder.input("input_ids", "int64", ["batch", "sequence"]);
  const table = builder.initializer(floatTensor("embeddings.position_embeddings.weight", [6, 3], new Float32Array(18)));
  builder.output(builder.op("Gather", [table, "input_ids"]), {
    name: "last_hidden_state",
    type: "float32",
    shape: ["batch", "sequence", 3],
  });
  const { model } = builder;
  for (const [key, value] of Object.entries(metadata)) model.metadataProps.push({ $typeName: "onnx.StringStringEntryProto", key, value });
  return encodeModel(model);
}

test("an ONNX file opens with the config and tokenizer of the folder above", async () => {
  const { root, want } = await exported();
  await writeFile(join(root, "tokenizer.json"), "{}");
  const file = join(root, "onnx/model.onnx");
  const base = await openBase(file);
  expect(base).toMatchObject({
    name: "model.onnx",
    kind: "onnx",
    family: "bert",
    hiddenSize: 16,
    maxLength: 12,
    folder: join(root, "onnx"),
    files: [file, join(root, "onnx/model.onnx_data")],
    tokenizerFile: join(root, "tokenizer.json"),
  });
  expect(await runBase(base, feeds)).toEqual(want);
});

test("a folder whose model is ONNX opens too", async () => {
  const { root } = await exported();
  expect(await openBase(root)).toMatchObject({ kind: "onnx", files: [join(root, "onnx/model.onnx"), join(root, "onnx/model.onnx_data")] });
});

test("an ONNX file and its external data in a Hugging Face cache open and run", async () => {
  const { root, want } = await exported();
  const snapshot = join(root, "snapshots/abc/onnx");
  await mkdir(snapshot, { recursive: true });
  await mkdir(join(root, "blobs"));
  for (const [name, blob] of [
    ["model.onnx", "c1"],
    ["model.onnx_data", "d2"],
  ] as const) {
    await rename(join(root, "onnx", name), join(root, "blobs", blob));
    await symlink(`../../../blobs/${blob}`, join(snapshot, name));
  }
  const base = await openBase(join(snapshot, "model.onnx"));
  expect(base).toMatchObject({ folder: join(root, "blobs"), files: [join(root, "blobs/c1"), join(root, "blobs/d2")] });
  expect(await runBase(base, feeds)).toEqual(want);
  const tensor = base.model.graph?.initializer.find(({ name }) => name === "embeddings.word_embeddings.weight");
  expect(tensor && (await base.weights.read(tensor)).length).toBe(50 * 16 * 4);
});

test("external data that is not there is BASE_INVALID", async () => {
  const { root } = await exported();
  await rename(join(root, "onnx/model.onnx_data"), join(root, "elsewhere"));
  await expect(openBase(root)).rejects.toMatchObject({
    code: "BASE_INVALID",
    message: expect.stringContaining('"model.onnx_data", which does not exist'),
  });
  await symlink("../elsewhere", join(root, "onnx/model.onnx_data"));
  await expect(openBase(root)).rejects.toMatchObject({ code: "BASE_INVALID", message: expect.stringContaining("lies in another folder") });
});

test("without a config.json the sizes are read from the graph", async () => {
  const file = join(await temporaryFolder(), "encoder.onnx");
  await writeFile(file, inline());
  const base = await openBase(file);
  expect(base).toMatchObject({ name: "encoder.onnx", hiddenSize: 3, maxLength: 6, files: [file] });
  expect(base.family).toBeUndefined();
});

test("a merged model opens only when that is allowed", async () => {
  const file = join(await temporaryFolder(), "merged.onnx");
  await writeFile(file, inline({ "graft.merged": "sha256:00" }));
  await expect(openBase(file)).rejects.toMatchObject({ code: "MERGED_BASE", message: expect.stringContaining("sha256:00") });
  expect(await openBase(file, { allowMerged: true })).toMatchObject({ kind: "onnx" });
});

test("a broken ONNX file is ONNX_INVALID, a file of another kind BASE_INVALID", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "a.onnx"), inline().subarray(0, 60));
  await expect(openBase(join(folder, "a.onnx"))).rejects.toMatchObject({ code: "ONNX_INVALID" });
  await writeFile(join(folder, "notes.txt"), "hello");
  await expect(openBase(join(folder, "notes.txt"))).rejects.toMatchObject({
    code: "BASE_INVALID",
    hint: expect.stringContaining("config.json"),
  });
});

test("a pickled checkpoint is refused with a word about safetensors", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "config.json"), JSON.stringify(TINY));
  await writeFile(join(folder, "pytorch_model.bin"), "");
  await expect(openBase(folder)).rejects.toMatchObject({ code: "BASE_INVALID", hint: expect.stringContaining("safetensors") });
});
