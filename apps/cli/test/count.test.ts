import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { grafter, temporaryFolder } from "./run-graft.ts";
import { tinyCheckpoint } from "./tiny-checkpoint.ts";

const home = temporaryFolder();
const graft = grafter(home);

const ROBERTA = {
  model_type: "roberta",
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  vocab_size: 50_265,
  max_position_embeddings: 514,
  type_vocab_size: 1,
  layer_norm_eps: 1e-5,
  hidden_act: "gelu",
  pad_token_id: 1,
};

async function counted(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await graft(["count", ...args, "--json"]);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as Record<string, unknown>;
}

beforeAll(async () => {
  await tinyCheckpoint(join(home, "base"));
  await writeFile(join(home, "config.json"), JSON.stringify(ROBERTA));
  await writeFile(join(home, "list.json"), "[]");
  await writeFile(join(home, "absurd.json"), JSON.stringify({ ...ROBERTA, num_hidden_layers: 1e9 }));
});

describe("graft count", () => {
  test("counts a model that nobody could load", async () => {
    const { code, stdout } = await graft(["count", "--shapes", "gpt3-175b", "--rank", "4"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/trained +18,874,368 +0\.0108 % of the base/);
    expect(stdout).toMatch(/in float16 +37,748,736 +37\.7 MB/);
  });

  test("counts the head that a config.json's class has", async () => {
    expect(await counted("--shapes", "config.json", "--rank", "8", "--labels", "3")).toMatchObject({
      trained: 294_912,
      head: 592_899,
      bytes: { float32: 4 * 887_811, float16: 2 * 887_811, optimiser: 8 * 887_811 },
    });
  });

  test("counts over a base by its header", async () => {
    for (const method of ["lora", "bottleneck", "full"])
      expect(await counted("--base", "base", "--method", method, "--length", "8")).toMatchObject({
        trained: expect.any(Number),
        memory: { total: expect.any(Number) },
      });
    expect(await counted("--base", "base", "--method", "prefix-embedding", "--prefix", "4", "--length", "8")).toMatchObject({
      tokensLeft: expect.any(Number),
    });
  });

  test.each([
    ["nothing", [], "USAGE"],
    ["two things", ["--base", "base", "--shapes", "gpt2"], "USAGE"],
    ["a name that nobody knows", ["--shapes", "gpt9"], "USAGE"],
    ["a file that is not there", ["--shapes", "./nowhere.json"], "FILE_NOT_FOUND"],
    ["a list", ["--shapes", "list.json"], "BASE_INVALID"],
    ["absurd sizes", ["--shapes", "absurd.json"], "ARCHITECTURE_UNSUPPORTED"],
    ["a rank that no matrix has", ["--shapes", "gpt2", "--rank", "5000"], "USAGE"],
    ["rows longer than the base takes", ["--shapes", "gpt2", "--length", "5000"], "USAGE"],
    ["an option of another method", ["--shapes", "gpt2", "--method", "bitfit", "--rank", "4"], "USAGE"],
  ])("refuses %s", async (_, args, code) => {
    const ended = await graft(["count", ...args]);
    expect(ended.stderr).toMatch(/^Cannot [^\n]+\n$/);
    expect(ended.stderr).toContain(`[${code}]`);
  });
});
