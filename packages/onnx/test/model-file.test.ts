import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createModel, encodeModel, externalTensor, floatTensor, floatValues, GraphBuilder } from "@graft/onnx";
import { openModelFile } from "@graft/onnx/node";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder = "";
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "graft-onnx-")));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(path: string): Promise<void> {
  const builder = new GraphBuilder(createModel({ name: "file" }));
  builder.initializer(floatTensor("inside", [2], [1, 2]));
  builder.initializer(externalTensor("outside", { type: "float32", dims: [2], location: "model.onnx_data", offset: 4 }));
  await writeFile(path, encodeModel(builder.model));
  await writeFile(join(path, "../model.onnx_data"), new Uint8Array(Float32Array.of(9, 3, 4).buffer));
}

async function read(path: string): Promise<number[]> {
  const { model, weights } = await openModelFile(path);
  const values: number[] = [];
  for (const tensor of model.graph?.initializer ?? []) {
    values.push(...(await floatValues(tensor, weights)));
    const into = new Uint8Array(4);
    await weights.readInto?.(tensor, into, 4);
    values.push(...new Float32Array(into.buffer));
  }
  return values;
}

test("weights are read inside the file and beside it", async () => {
  await write(join(folder, "model.onnx"));
  expect(await read(join(folder, "model.onnx"))).toEqual([1, 2, 2, 3, 4, 4]);
});

test("through a symbolic link, weights are found beside the real file", async () => {
  await mkdir(join(folder, "blobs"));
  await mkdir(join(folder, "snapshot"));
  await write(join(folder, "blobs/model.onnx"));
  await symlink("../blobs/model.onnx", join(folder, "snapshot/model.onnx"));
  expect(await read(join(folder, "snapshot/model.onnx"))).toEqual([1, 2, 2, 3, 4, 4]);
  expect((await openModelFile(join(folder, "snapshot/model.onnx"))).folder).toBe(join(folder, "blobs"));
});

test("what is missing or no model says so", async () => {
  await expect(openModelFile(join(folder, "none.onnx"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  await expect(openModelFile(folder)).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  await writeFile(join(folder, "text.onnx"), "no model");
  await expect(openModelFile(join(folder, "text.onnx"))).rejects.toMatchObject({ code: "ONNX_INVALID" });
  await write(join(folder, "model.onnx"));
  await rm(join(folder, "model.onnx_data"));
  await expect(read(join(folder, "model.onnx"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
});
