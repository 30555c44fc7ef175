import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { identifyBase, openBase } from "@graft/architectures/node";
import { fingerprint } from "@graft/onnx";
import { expect, test } from "vitest";
import { randomTensors, temporaryFolder, TINY, writeCheckpoint } from "./tiny-bert.ts";

const sha256 = async (path: string): Promise<string> =>
  `sha256:${createHash("sha256")
    .update(await readFile(path))
    .digest("hex")}`;

test("the identity of a base names its files, its tokenizer and every matrix of its fingerprint", async () => {
  const folder = await writeCheckpoint(join(await temporaryFolder(), "tiny"), { config: TINY, tensors: randomTensors(TINY) });
  await writeFile(join(folder, "tokenizer.json"), "{}");
  const base = await openBase(folder);
  const { reference, matrices } = await identifyBase(base);
  const weights = join(folder, "model.safetensors");
  const expected = await fingerprint(base.model, base.weights);
  expect(reference).toEqual({
    name: "tiny",
    family: "bert",
    fingerprint: expected.fingerprint,
    files: [{ name: "model.safetensors", digest: await sha256(weights), size: (await readFile(weights)).length }],
    tokenizer: await sha256(join(folder, "tokenizer.json")),
  });
  expect(matrices).toHaveLength(expected.matrices.length);
  expect(Object.keys(matrices[0] ?? {})).toEqual(["module", "digest", "rows", "columns"]);
});
