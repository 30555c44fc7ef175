import { readdirSync } from "node:fs";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openBase } from "@graft/architectures/node";
import { CODES, type ErrorCode } from "@graft/error";
import { readManifest } from "@graft/format";
import { encodeSafetensors, openSafetensors, bytesSource, type Tensor } from "@graft/safetensors";
import { beforeAll, expect, test } from "vitest";
import { randomAdapter } from "../../../packages/loader/test/random-adapter.ts";
import { grafter, temporaryFolder } from "./run-graft.ts";
import { tinyCheckpoint } from "./tiny-checkpoint.ts";

const home = temporaryFolder();
const graft = grafter(home);

/** A copy of the folder with another configuration, or with other tensors. */
async function variant(
  name: string,
  changes: { config?: (config: Record<string, unknown>) => unknown; tensors?: (tensors: Map<string, Tensor>) => void },
): Promise<void> {
  const folder = join(home, name);
  await cp(join(home, "peft"), folder, { recursive: true });
  if (changes.config !== undefined) {
    const config = JSON.parse(await readFile(join(folder, "adapter_config.json"), "utf8")) as Record<string, unknown>;
    await writeFile(join(folder, "adapter_config.json"), JSON.stringify(changes.config(config) ?? config));
  }
  if (changes.tensors !== undefined) {
    const path = join(folder, "adapter_model.safetensors");
    const file = await openSafetensors(bytesSource(await readFile(path)));
    const tensors = new Map(await Promise.all([...file.header.tensors.keys()].map(async (key) => [key, await file.tensor(key)] as const)));
    changes.tensors(tensors);
    await writeFile(path, encodeSafetensors(tensors));
  }
}

const QUERY = "base_model.model.bert.encoder.layer.0.attention.self.query";

beforeAll(async () => {
  await tinyCheckpoint(join(home, "base"));
  await writeFile(
    join(home, "a.safetensors"),
    await randomAdapter(await openBase(join(home, "base")), { method: { name: "lora", rank: 2 } }),
  );
  await writeFile(join(home, "head.safetensors"), await randomAdapter(await openBase(join(home, "base")), { method: { name: "head" } }));
  const { code, stderr } = await graft(["export", "a.safetensors", "--to", "peft", "--output", "peft"]);
  expect([code, stderr]).toEqual([0, ""]);
  await variant("rank", { config: (config) => ({ ...config, r: 4 }) });
  await variant("unknown", { config: (config) => ({ ...config, use_quantum: true }) });
  await variant("list", { config: () => [] });
  await variant("corda", { config: (config) => ({ ...config, init_lora_weights: "corda" }) });
  await variant("unselected", { config: (config) => ({ ...config, target_modules: ["key"] }) });
  await variant("more", { config: (config) => ({ ...config, target_modules: ["query", "value", "key"] }) });
  await variant("no-b", { tensors: (tensors) => void tensors.delete(`${QUERY}.lora_B.weight`) });
  await variant("no-head", { tensors: (tensors) => void tensors.delete("base_model.model.classifier.weight") });
  await variant("wide", {
    tensors: (tensors) => void tensors.set(`${QUERY}.lora_A.weight`, { dtype: "F32", shape: [2, 9], data: new Uint8Array(72) }),
  });
  await variant("nan", {
    tensors: (tensors) =>
      void tensors.set(`${QUERY}.lora_A.weight`, {
        ...(tensors.get(`${QUERY}.lora_A.weight`) as Tensor),
        data: new Uint8Array(tensors.get(`${QUERY}.lora_A.weight`)?.data.length ?? 0).fill(255),
      }),
  });
  await variant("saved", { tensors: () => undefined });
  await variant("cut", {});
  await writeFile(
    join(home, "cut", "adapter_model.safetensors"),
    (await readFile(join(home, "peft", "adapter_model.safetensors"))).subarray(0, -5),
  );
  await mkdir(join(home, "pickled"));
  await cp(join(home, "peft", "adapter_config.json"), join(home, "pickled", "adapter_config.json"));
  await writeFile(join(home, "pickled", "adapter_model.bin"), "pickle");
  await mkdir(join(home, "empty"));
  await writeFile(join(home, "fake.onnx_adapter"), "not an adapter at all");
});

test("an adapter goes to PEFT's form and back, and is the same file", async () => {
  const { code, stdout, stderr } = await graft(["import", "peft", "--base", "base", "--output", "same.safetensors"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("Graft wrote it: the file is taken as it is, and fits the base");
  expect(await readFile(join(home, "same.safetensors"))).toEqual(await readFile(join(home, "a.safetensors")));
  const renamed = await graft(["import", "peft", "--base", "base", "--labels", "one,two,three", "--output", "renamed.safetensors"]);
  expect([renamed.code, renamed.stderr]).toEqual([0, expect.stringContaining("this base was taken on your word")]);
  expect((await readManifest(await readFile(join(home, "renamed.safetensors")))).task.labels).toEqual(["one", "two", "three"]);
});

test("an adapter goes to PEFT's form, is saved by PEFT without what Graft says, and comes back the same with its labels", async () => {
  const { code, stdout } = await graft(["import", "saved", "--base", "base", "--output", "back.safetensors"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Wrote back\.safetensors, .*: lora on 4 targets of base\n/);
  const [one, other] = await Promise.all(
    ["a", "back"].map(async (name) => readManifest(await readFile(join(home, `${name}.safetensors`)))),
  );
  expect(other?.targets.toSorted((left, right) => (left.module < right.module ? -1 : 1))).toEqual(
    one?.targets.toSorted((left, right) => (left.module < right.module ? -1 : 1)),
  );
  expect(other?.task).toEqual(one?.task);
  const merged = await graft(["merge", "back.safetensors", "--base", "base", "--output", "out.onnx"]);
  expect(merged.code).toBe(0);
  expect(readdirSync(home)).toEqual(expect.arrayContaining(["out.onnx", "out.merged.safetensors", "model.safetensors"]));
});

test("an adapter goes to ONNX Runtime's form and back", async () => {
  const made = await graft([
    "export",
    "a.safetensors",
    "--to",
    "onnx-adapter",
    "--base",
    "base",
    "--output",
    "a.onnx_adapter",
    "--graph",
    "attached.onnx",
  ]);
  expect([made.code, made.stderr]).toEqual([0, ""]);
  expect(made.stdout).toMatch(/^Wrote a\.onnx_adapter: \d+ parameters, the scale in B\n/);
  const line = [
    "import",
    "a.onnx_adapter",
    "--base",
    "base",
    "--labels",
    "act,animal,plant",
    "--output",
    "from-onnx.safetensors",
    "--json",
  ];
  expect(JSON.parse((await graft(line)).stdout)).toMatchObject({
    manifest: { method: { name: "lora" }, task: { labels: ["act", "animal", "plant"] } },
  });
});

test.each<[string, string[], ErrorCode, RegExp]>([
  ["a folder that is not there", ["nowhere"], "FILE_NOT_FOUND", /does not exist/],
  ["an empty folder", ["empty"], "FILE_NOT_FOUND", /it has no adapter_config\.json/],
  ["a file", ["a.safetensors"], "CONVERT_INVALID", /it is no folder/],
  ["a pickle", ["pickled"], "CONVERT_INVALID", /adapter_model\.bin is a pickle/],
  ["a truncated file", ["cut"], "SAFETENSORS_INVALID", /Cannot import "cut"/],
  ["a config that is a list", ["list"], "CONVERT_INVALID", /it is no JSON object/],
  ["a field that nobody knows", ["unknown"], "CONVERT_UNSUPPORTED", /"use_quantum"/],
  ["a start that changed the base", ["corda"], "CONVERT_UNSUPPORTED", /data that the file does not have/],
  ["another rank than the tensors'", ["rank"], "CONVERT_INVALID", /is 2 in the file, and 4 in adapter_config\.json/],
  ["tensors that PEFT would not use", ["unselected"], "CONVERT_INVALID", /does not select/],
  ["targets without tensors", ["more"], "CONVERT_INVALID", /self\.key" are missing/],
  ["A without B", ["no-b"], "CONVERT_INVALID", /"lora_B" of "[^"]*query" is missing/],
  ["a classifier without its weight", ["no-head"], "CONVERT_UNSUPPORTED", /it has no "classifier\.weight"/],
  ["a tensor of another base", ["wide"], "BASE_MISMATCH", /is \[2, 9\]/],
  ["NaN", ["nan"], "NOT_FINITE", /NaN/],
  ["labels of another count", ["peft", "--labels", "yes,no"], "USAGE", /2 labels are given, its classifier has 3 outputs/],
])("import refuses %s", async (_, args, code, says) => {
  const before = readdirSync(home, { recursive: true }).toSorted();
  const ended = await graft(["import", ...args, "--base", "base", "--output", "refused.safetensors"]);
  expect(ended.stderr).toMatch(/^Cannot [^\n]+\n$/);
  expect(ended.stderr).toContain(`[${code}]`);
  expect(ended.stderr).toMatch(says);
  expect(ended.code).toBe(CODES[code].exit);
  expect(readdirSync(home, { recursive: true }).toSorted()).toEqual(before);
});

test.each<[string, string[], ErrorCode, RegExp]>([
  [
    "a method that PEFT does not have",
    ["export", "head.safetensors", "--to", "peft", "--output", "refused"],
    "CONVERT_UNSUPPORTED",
    /a head alone/,
  ],
  [
    "a file that is no adapter",
    ["export", "base/model.safetensors", "--to", "peft", "--output", "refused"],
    "ADAPTER_INVALID",
    /graft\.manifest/,
  ],
  ["a folder that is full", ["export", "a.safetensors", "--to", "peft", "--output", "base"], "NOT_WRITABLE", /not empty/],
  [
    "a file that is there",
    ["import", "peft", "--base", "base", "--output", "a.safetensors"],
    "NOT_WRITABLE",
    /exists already[^\n]*--overwrite/,
  ],
])("%s is refused", async (_, args, code, says) => {
  const ended = await graft(args);
  expect(ended.stderr).toMatch(/^Cannot [^\n]+\n$/);
  expect(ended.stderr).toContain(`[${code}]`);
  expect(ended.stderr).toMatch(says);
});
