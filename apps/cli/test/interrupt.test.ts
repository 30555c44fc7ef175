import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { grafter, temporaryFolder } from "./run-graft.ts";
import { tinyCheckpoint, tinyData } from "./tiny-checkpoint.ts";

const home = temporaryFolder();
const graft = grafter(home);

beforeAll(async () => {
  await tinyCheckpoint(join(home, "base"));
  await tinyData(join(home, "rows.jsonl"), 600);
});

test.each(["SIGINT", "SIGTERM"] as const)("%s in the middle of training ends with 130, one line and no file", async (signal) => {
  let sent = false;
  const ended = await graft(["train", "--base", "base", "--data", "rows.jsonl", "--epochs", "200", "--output", "a.safetensors"], {
    watch: (text, process) => {
      if (!sent && text.includes("parameters are trained")) process.kill(signal);
      sent ||= text.includes("parameters are trained");
    },
  });
  expect(ended.code).toBe(130);
  expect(ended.stderr.split("\n").filter((line) => line.includes("["))).toEqual([
    expect.stringMatching(/^Cannot finish training: it was cancelled \[CANCELLED\]/),
  ]);
  expect(readdirSync(home).toSorted()).toEqual(["base", "rows.jsonl"]);
});

test("a reader that closes the pipe early costs no training", async () => {
  const ended = await graft(["train", "--base", "base", "--data", "rows.jsonl", "--epochs", "0.1", "--output", "kept.safetensors"], {
    watch: (_, process) => process.closeOutput(),
  });
  expect(ended.code).toBe(0);
  expect(readdirSync(home)).toContain("kept.safetensors");
});
