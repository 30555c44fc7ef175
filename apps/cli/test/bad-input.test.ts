import { readdirSync } from "node:fs";
import { cp, mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openBase } from "@graft/architectures/node";
import { CODES, type ErrorCode } from "@graft/error";
import { beforeAll, expect, test } from "vitest";
import { randomAdapter } from "../../../packages/loader/test/random-adapter.ts";
import { mountTmpfs } from "./mount.ts";
import { grafter, temporaryFolder } from "./run-graft.ts";
import { tinyCheckpoint, tinyData } from "./tiny-checkpoint.ts";

const home = temporaryFolder();
const graft = grafter(home);
const work = join(home, "work");
const full = join(home, "full");
const readOnly = join(home, "read-only");
const skipped = { full: mountTmpfs(full, "size=256k"), readOnly: mountTmpfs(readOnly, "size=64k,ro") };
for (const [name, reason] of Object.entries(skipped)) if (reason !== undefined) console.warn(`Skipped: ${name} disk: ${reason}`);

beforeAll(async () => {
  await mkdir(work);
  const base = await tinyCheckpoint(join(work, "base"));
  await tinyCheckpoint(join(work, "other"), { seed: 2 });
  await tinyCheckpoint(join(work, "nan"), {
    change: (name, values) => void (name.includes("layer.1.output.dense.weight") && values.fill(Number.NaN)),
  });
  await cp(base, join(work, "cut"), { recursive: true });
  await truncate(join(work, "cut", "model.safetensors"), 20_000);
  await mkdir(join(work, "empty-folder"));
  await tinyData(join(work, "rows.jsonl"));
  await writeFile(join(work, "no-label.jsonl"), '{"text":"a cat","label":"animal"}\n\n{"text":"a dog"}\n');
  await writeFile(join(work, "no-json.jsonl"), '{"text":"a cat","label":"animal"}\nanimal\n');
  await writeFile(join(work, "strange-label.jsonl"), '{"text":"a cat","label":"mineral"}\n');
  await writeFile(join(work, "empty.jsonl"), "\n");
  await writeFile(join(work, "notes.txt"), "no model");
  await writeFile(join(work, "noise.onnx"), "no model");
  const adapter = await randomAdapter(await openBase(base), { labels: ["animal", "place", "plant"] });
  await writeFile(join(work, "a.safetensors"), adapter);
  await writeFile(join(work, "cut.safetensors"), adapter.subarray(0, 5_000));
  const nan = adapter.slice();
  new DataView(nan.buffer).setUint32(nan.length - 4, 0x7fc00000, true);
  await writeFile(join(work, "nan.safetensors"), nan);
  await writeFile(join(work, "hostile.safetensors"), Buffer.from("ffffffffffffff7f7b7d", "hex"));
});

const training = (...more: string[]): string[] => [
  "train",
  "--data",
  "rows.jsonl",
  "--output",
  "out.safetensors",
  ...(more.includes("--base") ? [] : ["--base", "base"]),
  ...more,
];
const evaluating = (...more: string[]): string[] => [
  "eval",
  "--data",
  "rows.jsonl",
  ...(more.includes("--base") ? [] : ["--base", "base"]),
  ...(more.includes("--adapter") ? [] : ["--adapter", "a.safetensors"]),
  ...more,
];

/** Files at home, but for what is remembered of bases. */
function files(): string[] {
  return readdirSync(home, { recursive: true, encoding: "utf8" })
    .filter((file) => !/^cache($|\/bases)/.test(file))
    .toSorted();
}

/** One line on standard error with the code and what to do, the code's exit status, and no new file anywhere. */
async function refused(args: readonly string[], { code, says }: { code: ErrorCode; says: RegExp }): Promise<void> {
  const before = files();
  const ended = await graft([...args, "--quiet"], { cwd: work });
  expect(ended.stderr).toMatch(/^Cannot [^\n]+\n$/);
  expect(ended.stderr).toContain(`[${code}]`);
  expect(ended.stderr).toMatch(says);
  expect(ended.code).toBe(CODES[code].exit);
  expect(files()).toEqual(before);
}

const CASES: readonly (readonly [what: string, args: string[], code: ErrorCode, says: RegExp])[] = [
  [
    "a base that is no ONNX file and no checkpoint",
    training("--base", "notes.txt"),
    "BASE_INVALID",
    /notes.txt": it is no ONNX file and no checkpoint folder \[BASE_INVALID\]. Pass a folder/,
  ],
  ["a base that only calls itself ONNX", training("--base", "noise.onnx"), "ONNX_INVALID", /Cannot read the ONNX model/],
  ["an empty folder as a base", training("--base", "empty-folder"), "BASE_INVALID", /it has neither model.safetensors nor an ONNX file/],
  ["a base that is not there", training("--base", "./nowhere"), "FILE_NOT_FOUND", /it does not exist/],
  ["a name that the local store does not have", training("--base", "nowhere"), "FILE_NOT_FOUND", /graft base add/],
  [
    "a truncated checkpoint",
    training("--base", "cut"),
    "SAFETENSORS_INVALID",
    /cut\/model.safetensors": the tensors end at byte \d+, the file has 20000[^\n]*Download the file again/,
  ],
  ["a truncated adapter", evaluating("--adapter", "cut.safetensors"), "SAFETENSORS_INVALID", /"cut.safetensors": [^\n]*pull it again/],
  ["a hostile adapter", evaluating("--adapter", "hostile.safetensors"), "SAFETENSORS_INVALID", /"hostile.safetensors": the header/],
  [
    "a checkpoint's file as an adapter",
    evaluating("--adapter", "base/model.safetensors"),
    "ADAPTER_INVALID",
    /"base\/model.safetensors": its __metadata__ has no "graft.manifest"/,
  ],
  ["an adapter that is not there", evaluating("--adapter", "b.safetensors"), "FILE_NOT_FOUND", /"b.safetensors": it does not exist/],
  ["a target that matches nothing", training("--targets", "quary"), "TARGET_NOT_FOUND", /"quary"[^\n]*query/],
  ["a label missing in a row", training("--data", "no-label.jsonl"), "DATA_INVALID", /line 3 of "no-label.jsonl": it has no "label"/],
  ["a row that is no JSON", training("--data", "no-json.jsonl"), "DATA_INVALID", /line 2 of "no-json.jsonl": it is no JSON/],
  ["an empty data set", training("--data", "empty.jsonl"), "DATA_EMPTY", /"empty.jsonl": it has no rows/],
  ["a data set that is not there", training("--data", "none.jsonl"), "FILE_NOT_FOUND", /"none.jsonl"/],
  [
    "an adapter for another base",
    evaluating("--base", "other"),
    "BASE_MISMATCH",
    /4 of 4 targets have other weights[^\n]*It fits base[^\n]*fingerprint sha256:/,
  ],
  ["NaN in a tensor of an adapter", evaluating("--adapter", "nan.safetensors"), "NOT_FINITE", /classifier|lora/],
  ["NaN in the loss", training("--base", "nan"), "NOT_FINITE", /loss|step/],
  [
    "a label that the adapter does not know",
    evaluating("--data", "strange-label.jsonl"),
    "DATA_INVALID",
    /"mineral"[^\n]*"animal", "place", "plant"/,
  ],
  [
    "an output in a folder that is not there",
    training("--output", "nowhere/out.safetensors"),
    "FILE_NOT_FOUND",
    /its folder does not exist/,
  ],
  ["an output that is a folder", training("--output", "base"), "NOT_WRITABLE", /it is a folder/],
  [
    "an output under a file",
    ["merge", "--base", "base", "--adapter", "a.safetensors", "--output", "notes.txt/merged"],
    "NOT_WRITABLE",
    /is no folder/,
  ],
  [
    "a merge into one safetensors file",
    ["merge", "--base", "base", "--adapter", "a.safetensors", "--output", "out.safetensors"],
    "USAGE",
    /a merged model is an ONNX file[^\n]*--output out\.onnx/,
  ],
  [
    "a merge over a file that is there",
    ["merge", "a.safetensors", "--base", "base", "--output", "noise.onnx"],
    "NOT_WRITABLE",
    /noise\.onnx": it exists already[^\n]*--overwrite/,
  ],
  ["a merge of no adapter", ["merge", "--base", "base", "--output", "out.onnx"], "USAGE", /no adapter is given/],
  [
    "a merge into a folder that is full of other things",
    ["merge", "--base", "base", "--adapter", "a.safetensors", "--output", "other"],
    "NOT_WRITABLE",
    /it exists already and is not empty/,
  ],
];

test.each(CASES)("%s", async (_, args, code, says) => {
  await refused(args, { code, says });
});

test("which targets differ is told to a program", async () => {
  const { stderr } = await graft([...evaluating("--base", "other"), "--json"], { cwd: work });
  expect(JSON.parse(stderr)).toMatchObject({
    error: {
      code: "BASE_MISMATCH",
      detail: {
        targets: 4,
        differing: expect.arrayContaining([
          { module: expect.stringMatching(/encoder\.layer\.0\.attention\.self\.query$/), reason: "other-weights" },
        ]),
      },
    },
  });
});

test.skipIf(skipped.full !== undefined)("a full disk", async () => {
  await writeFile(join(full, "filler"), Buffer.alloc(252_000));
  await refused(training("--output", join(full, "out.safetensors"), "--epochs", "1"), {
    code: "DISK_FULL",
    says: /the disk is full \[DISK_FULL\]\. Free some space/,
  });
  await refused(["merge", "--base", "base", "--adapter", "a.safetensors", "--output", join(full, "merged")], {
    code: "DISK_FULL",
    says: /the disk is full/,
  });
  expect((await readFile(join(full, "filler"))).length).toBe(252_000);
});

test.skipIf(skipped.readOnly !== undefined)("a read-only output folder, before any work is done", async () => {
  await refused(training("--output", join(readOnly, "out.safetensors"), "--epochs", "100000"), {
    code: "NOT_WRITABLE",
    says: /the file system is read-only \[NOT_WRITABLE\]\. Choose another folder/,
  });
  await refused(["merge", "--base", "base", "--adapter", "a.safetensors", "--output", join(readOnly, "merged")], {
    code: "NOT_WRITABLE",
    says: /read-only/,
  });
});
