import { mkdir, readdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { openBase } from "@graft/architectures/node";
import { encodeSafetensors } from "@graft/safetensors";
import { expect, test } from "vitest";
import { batch, runBase } from "./run-base.ts";
import { randomTensors, temporaryFolder, TINY, writeCheckpoint } from "./tiny-bert.ts";

const feeds = batch([5, 3], { vocabSize: 50, types: 2 });

test("a checkpoint folder opens with its family, sizes, tokenizer and real weight file", async () => {
  const folder = await writeCheckpoint(join(await temporaryFolder(), "my-base"), { config: TINY, tensors: randomTensors(TINY) });
  await writeFile(join(folder, "tokenizer.json"), "{}");
  const base = await openBase(folder);
  expect(base).toMatchObject({
    name: "my-base",
    kind: "checkpoint",
    family: "bert",
    hiddenSize: 16,
    maxLength: 12,
    folder,
    files: [join(folder, "model.safetensors")],
    tokenizerFile: join(folder, "tokenizer.json"),
  });
  expect(base.model.graph?.input.map(({ name }) => name)).toEqual(["input_ids", "attention_mask", "token_type_ids"]);
  expect(base.model.graph?.output.map(({ name }) => name)).toEqual(["last_hidden_state"]);
});

test("initializers have the names of the base class and nodes the names of their modules", async () => {
  const folder = await writeCheckpoint(await temporaryFolder(), {
    config: TINY,
    tensors: randomTensors(TINY, { rename: (name) => `bert.${name}` }),
  });
  const { model } = await openBase(folder);
  expect(model.graph?.initializer.map(({ name }) => name)).toContain("encoder.layer.1.attention.self.query.weight");
  expect(model.graph?.initializer.map(({ name }) => name)).toContain("pooler.dense.weight");
  expect(model.graph?.node.map(({ name }) => name)).toContain("/encoder/layer.1/attention/self/query/MatMul");
});

test("weights are read from the file that the graph refers to", async () => {
  const tensors = randomTensors(TINY);
  const base = await openBase(await writeCheckpoint(await temporaryFolder(), { config: TINY, tensors }));
  const tensor = base.model.graph?.initializer.find(({ name }) => name === "encoder.layer.0.output.dense.weight");
  expect(tensor && (await base.weights.read(tensor))).toEqual(tensors.get("encoder.layer.0.output.dense.weight")?.data);
});

test("a Hugging Face cache, whose files are symbolic links into blobs, opens and runs", async () => {
  const root = await temporaryFolder();
  const plain = await writeCheckpoint(join(root, "plain"), { config: TINY, tensors: randomTensors(TINY) });
  const want = await runBase(await openBase(plain), feeds);
  const snapshot = join(root, "models--acme--tiny/snapshots/0123abc");
  const blobs = join(root, "models--acme--tiny/blobs");
  await mkdir(snapshot, { recursive: true });
  await mkdir(blobs);
  for (const [name, blob] of [
    ["config.json", "aa11"],
    ["model.safetensors", "bb22"],
  ] as const) {
    await rename(join(plain, name), join(blobs, blob));
    await symlink(`../../blobs/${blob}`, join(snapshot, name));
  }
  const base = await openBase(snapshot);
  expect(base).toMatchObject({ name: "acme/tiny", revision: "0123abc", folder: blobs, files: [join(blobs, "bb22")] });
  expect(await runBase(base, feeds)).toEqual(want);
});

test("shards in a Hugging Face cache, whose files are symbolic links into blobs, open and run", async () => {
  const root = await temporaryFolder();
  const tensors = randomTensors(TINY, { dtype: "BF16", rename: (name) => `bert.${name}` });
  const want = await runBase(await openBase(await writeCheckpoint(join(root, "whole"), { config: TINY, tensors })), feeds);
  const snapshot = join(root, "models--acme--tiny/snapshots/0123abc");
  const blobs = join(root, "models--acme--tiny/blobs");
  await mkdir(snapshot, { recursive: true });
  await mkdir(blobs);
  const names = [...tensors.keys()];
  const shardOf = (name: string): string => `model-0000${(names.indexOf(name) % 3) + 1}-of-00003.safetensors`;
  for (const shard of new Set(names.map(shardOf)))
    await writeFile(join(blobs, `blob of ${shard}`), encodeSafetensors(new Map([...tensors].filter(([name]) => shardOf(name) === shard))));
  const map = Object.fromEntries(names.map((name) => [name, shardOf(name)]));
  await writeFile(join(blobs, "blob of model.safetensors.index.json"), JSON.stringify({ weight_map: map }));
  await rename(join(root, "whole/config.json"), join(blobs, "blob of config.json"));
  for (const blob of await readdir(blobs)) await symlink(`../../blobs/${blob}`, join(snapshot, blob.slice("blob of ".length)));
  const base = await openBase(snapshot);
  expect(base).toMatchObject({ name: "acme/tiny", revision: "0123abc", folder: blobs });
  expect(base.files).toHaveLength(3);
  expect(await runBase(base, feeds)).toEqual(want);
});

test("a checkpoint in shards opens and runs", async () => {
  const root = await temporaryFolder();
  const tensors = randomTensors(TINY);
  const want = await runBase(await openBase(await writeCheckpoint(join(root, "whole"), { config: TINY, tensors })), feeds);
  const folder = await writeCheckpoint(join(root, "shards"), { config: TINY, tensors: new Map() });
  await rename(join(folder, "model.safetensors"), join(folder, "unused"));
  const shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
  const shardOf = new Map([...tensors.keys()].map((name, index) => [name, shards[index % 2] as string]));
  for (const shard of shards)
    await writeFile(join(folder, shard), encodeSafetensors(new Map([...tensors].filter(([name]) => shardOf.get(name) === shard))));
  await writeFile(join(folder, "model.safetensors.index.json"), JSON.stringify({ weight_map: Object.fromEntries(shardOf) }));
  const base = await openBase(folder);
  expect(base.files.map((file) => basename(file))).toEqual(shards);
  expect(await runBase(base, feeds)).toEqual(want);
});

test("an index that lists files of other folders is refused", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "config.json"), JSON.stringify(TINY));
  await writeFile(join(folder, "model.safetensors.index.json"), JSON.stringify({ weight_map: { a: "../secret" } }));
  await expect(openBase(folder)).rejects.toMatchObject({
    code: "BASE_INVALID",
    message: expect.stringContaining("does not list files of this folder"),
  });
});

test("a path that does not exist is FILE_NOT_FOUND, a folder without a model BASE_INVALID", async () => {
  const folder = await temporaryFolder();
  await expect(openBase(join(folder, "nothing"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  await expect(openBase(folder)).rejects.toMatchObject({ code: "BASE_INVALID", hint: expect.stringContaining("model.safetensors") });
});

test("missing tensors give one error that names the first of them and counts the rest", async () => {
  const tensors = new Map([...randomTensors(TINY)].filter(([name]) => !name.includes("layer.1")));
  const folder = await writeCheckpoint(await temporaryFolder(), { config: TINY, tensors });
  await expect(openBase(folder)).rejects.toMatchObject({
    code: "BASE_INVALID",
    message:
      'Cannot build the checkpoint: 16 of 39 tensors are missing: "encoder.layer.1.attention.self.query.weight", "encoder.layer.1.attention.self.query.bias", "encoder.layer.1.attention.self.key.weight", "encoder.layer.1.attention.self.key.bias", "encoder.layer.1.attention.self.value.weight" and 11 more',
  });
});

test("tensors of other shapes than config.json says are refused", async () => {
  const folder = await writeCheckpoint(await temporaryFolder(), { config: { ...TINY, vocab_size: 51 }, tensors: randomTensors(TINY) });
  await expect(openBase(folder)).rejects.toMatchObject({
    code: "BASE_INVALID",
    message: expect.stringContaining('"embeddings.word_embeddings.weight" is [50, 16], want [51, 16]'),
  });
});

test("a truncated weight file and a broken config.json are refused", async () => {
  const folder = await writeCheckpoint(await temporaryFolder(), { config: TINY, tensors: randomTensors(TINY) });
  const bytes = await readFile(join(folder, "model.safetensors"));
  await writeFile(join(folder, "model.safetensors"), bytes.subarray(0, bytes.length - 4));
  await expect(openBase(folder)).rejects.toMatchObject({ code: "SAFETENSORS_INVALID" });
  await writeFile(join(folder, "model.safetensors"), bytes);
  await writeFile(join(folder, "config.json"), '{"model_type": "bert"');
  await expect(openBase(folder)).rejects.toMatchObject({ code: "BASE_INVALID", message: expect.stringContaining("it is no JSON") });
});

test("a base that an adapter was merged into opens only when that is allowed", async () => {
  const metadata = { "graft.merged": `sha256:${"0".repeat(64)}` };
  const folder = await writeCheckpoint(await temporaryFolder(), { config: TINY, tensors: randomTensors(TINY), metadata });
  await expect(openBase(folder)).rejects.toMatchObject({ code: "MERGED_BASE" });
  await expect(openBase(folder, { allowMerged: true })).resolves.toMatchObject({ family: "bert" });
});
