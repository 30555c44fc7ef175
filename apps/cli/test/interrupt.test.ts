import { readdirSync, readFileSync } from "node:fs";
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

test("Ctrl-C keeps a checkpoint when one was asked for, says how to go on, and going on gives the same bytes", async () => {
  const words = ["train", "--base", "base", "--data", "rows.jsonl", "--epochs", "2", "--threads", "2"];
  const whole = await graft([...words, "--output", "whole.safetensors"]);
  expect(whole.code).toBe(0);
  let sent = false;
  const ended = await graft([...words, "--output", "rest.safetensors", "--checkpoint", "my run"], {
    watch: (text, process) => {
      if (!sent && text.includes("parameters are trained")) setTimeout(() => process.kill("SIGINT"), 100);
      sent ||= text.includes("parameters are trained");
    },
  });
  expect(ended.code).toBe(130);
  const { step, line } = /The state after step (?<step>\d+) is kept .* Go on with: graft (?<line>.*)$/m.exec(ended.stderr)?.groups ?? {};
  expect(line).toBe([...words, "--output", "rest.safetensors", "--resume", "'my run'"].join(" "));
  const rest = await graft([...words, "--output", "rest.safetensors", "--resume", "my run"]);
  expect(rest.code).toBe(0);
  expect(rest.stdout).toContain(`Going on after step ${step} of 76`);
  expect(readFileSync(join(home, "rest.safetensors"))).toEqual(readFileSync(join(home, "whole.safetensors")));
});

test("a reader that closes the pipe early costs no training", async () => {
  const ended = await graft(["train", "--base", "base", "--data", "rows.jsonl", "--epochs", "0.1", "--output", "kept.safetensors"], {
    watch: (_, process) => process.closeOutput(),
  });
  expect(ended.code).toBe(0);
  expect(readdirSync(home)).toContain("kept.safetensors");
});
