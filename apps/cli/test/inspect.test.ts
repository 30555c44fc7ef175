import { mkdirSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isGraftError } from "@graft/error";
import { packAdapter } from "@graft/format";
import { createModel, encodeModel } from "@graft/onnx";
import { encodeSafetensors, fromFloat32 } from "@graft/safetensors";
import { describe, expect, test } from "vitest";
import vectors from "../../../packages/safetensors/test/vectors.json" with { type: "json" };
import { inspectFile } from "../src/inspect/inspect-file.ts";
import { printable } from "../src/inspect/inspection.ts";
import { grafter, temporaryFolder } from "./run-graft.ts";
import { tinyCheckpoint } from "./tiny-checkpoint.ts";

const home = temporaryFolder();
const graft = grafter(home);
const vector = (name: string): Buffer => Buffer.from(vectors.find((entry) => entry.name === name)?.b64 ?? "", "base64");

describe("every file of the safetensors vectors is accepted or refused as by the reference, whatever it is called", () => {
  mkdirSync(join(home, "vectors"), { recursive: true });
  test.each(vectors)("$name", async ({ name, b64, reference }) => {
    for (const extension of [".safetensors", ""]) {
      const path = join(home, "vectors", `${name}${extension}`);
      await writeFile(path, Buffer.from(b64, "base64"));
      const outcome = await inspectFile(path).then(
        (found) => (found.kind === "safetensors" ? "OK" : found.kind),
        (cause: unknown) => (isGraftError(cause) && ["SAFETENSORS_INVALID", "ONNX_INVALID"].includes(cause.code) ? "ERR" : String(cause)),
      );
      expect(outcome).toBe(reference.slice(0, reference.indexOf(" ")));
    }
  });
});

describe("graft inspect", () => {
  test.each([
    ["valid", "vector.safetensors", 0],
    ["lead_space", "warned.safetensors", 0],
    ["empty_file", "empty.safetensors", 3],
    ["n_huge", "hostile.bin", 3],
  ])("ends as the reference judges: %s", async (name, file, code) => {
    await writeFile(join(home, file), vector(name));
    const ended = await graft(["inspect", file]);
    expect(ended.code).toBe(code);
    if (code === 0) expect(ended.stdout.startsWith(`${file}: safetensors\n`)).toBe(true);
    else
      expect(ended).toMatchObject({ stdout: "", stderr: expect.stringMatching(/^Cannot [^\n]+ \[(SAFETENSORS|ONNX)_INVALID\][^\n]*\n$/) });
    if (name === "lead_space") expect(ended.stdout).toMatch(/^warning: .* \[leading-space\]$/m);
  });

  test("shows a hostile name without letting it act on the terminal", async () => {
    expect(printable("a\u001b[2Jb\n\u202ec")).toBe("a\\u001b[2Jb\\u000a\\u202ec");
    const name = "\u001b]0;owned\u0007";
    await writeFile(
      join(home, "escape.safetensors"),
      encodeSafetensors(new Map([[name, { dtype: "F32", shape: [1], data: new Uint8Array(4) }]])),
    );
    const { code, stdout } = await graft(["inspect", "escape.safetensors"]);
    expect(code).toBe(0);
    expect(stdout).toContain("\\u001b]0;owned\\u0007");
    expect(stdout).not.toContain("\u001b");
  });
});

describe("a file that its format accepts and Graft would refuse is described with a warning", () => {
  test("an adapter with NaN", async () => {
    const manifest = {
      formatVersion: 1 as const,
      method: { name: "lora" },
      task: { type: "feature-extraction", labels: [] },
      base: { name: "b", fingerprint: `sha256:${"0".repeat(64)}` as const, files: [] },
      targets: [{ module: "q", digest: `sha256:${"1".repeat(64)}` as const, in: 2, out: 2, rank: 1, alpha: 1, scale: 1 }],
      tensors: [],
      writer: { name: "test", version: "1.0.0" },
    };
    const tensor = (shape: number[]) => ({ dtype: "F32" as const, shape, data: fromFloat32("F32", new Float32Array([1, 7])) });
    const bytes = packAdapter({
      manifest,
      tensors: new Map([
        ["base_model.model.q.lora_A.weight", tensor([1, 2])],
        ["base_model.model.q.lora_B.weight", tensor([2, 1])],
      ]),
    });
    const path = join(home, "nan.safetensors");
    await writeFile(path, bytes);
    expect(await inspectFile(path)).toMatchObject({
      kind: "adapter",
      warnings: [],
      document: { parameters: 4, manifest: { targets: [{ module: "q" }] } },
    });
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(bytes.length - 4, 0x7fc00000, true);
    await writeFile(path, bytes);
    expect(await inspectFile(path)).toMatchObject({ kind: "safetensors", warnings: [{ rule: "NOT_FINITE" }] });
  });

  test("a model of a newer operator set", async () => {
    const path = join(home, "new.onnx");
    await writeFile(path, encodeModel(createModel({ name: "new", opset: 99 })));
    expect(await inspectFile(path)).toMatchObject({
      kind: "onnx",
      warnings: [{ rule: "ONNX_UNSUPPORTED" }],
      document: {
        opsets: [
          { domain: "ai.onnx", version: 99 },
          { domain: "com.microsoft", version: 1 },
        ],
      },
    });
  });
});

describe("a file that breaks its format has its code", () => {
  test.each([
    ["text.onnx", "hello, this is no model", "ONNX_INVALID"],
    ["empty.onnx", "", "ONNX_INVALID"],
    ["notes.txt", "hello, this is no model", "ONNX_INVALID"],
  ])("%s", async (name, text, code) => {
    await writeFile(join(home, name), text);
    await expect(inspectFile(join(home, name))).rejects.toMatchObject({ code });
  });

  test("an ONNX file cut anywhere is refused or no longer a model", async () => {
    const base = await tinyCheckpoint(join(home, "base"));
    const { code, stdout } = await graft(["inspect", base, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kind: "checkpoint", name: "base", family: "bert", maxLength: 32 });
    const model = createModel({ name: "whole" });
    model.producerVersion = "x".repeat(100);
    const bytes = encodeModel(model);
    for (const size of [1, 5, 50, bytes.length - 1]) {
      await writeFile(join(home, "cut.onnx"), bytes.subarray(0, size));
      await expect(inspectFile(join(home, "cut.onnx"))).rejects.toMatchObject({ code: "ONNX_INVALID" });
    }
  });

  test("a folder without weights is no base", async () => {
    await mkdir(join(home, "nothing"));
    await expect(inspectFile(join(home, "nothing"))).rejects.toMatchObject({ code: "BASE_INVALID" });
    await expect(inspectFile(join(home, "nowhere"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  });
});

test("the digest and sizes are those of the file", async () => {
  const path = join(home, "plain.safetensors");
  await writeFile(
    path,
    encodeSafetensors(new Map([["w", { dtype: "F16", shape: [2, 3], data: new Uint8Array(12) }]]), new Map([["format", "pt"]])),
  );
  expect(await inspectFile(path)).toMatchObject({
    kind: "safetensors",
    document: {
      size: (await readFile(path)).length,
      parameters: 6,
      metadata: { format: "pt" },
      tensors: [{ name: "w", dtype: "F16", shape: [2, 3], bytes: 12 }],
    },
  });
});
