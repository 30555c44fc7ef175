import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openAdapter, peftConfig } from "@graft/format";
import { load } from "@graft/sdk";
import { beforeAll, describe, expect, test } from "vitest";
import { referee, runReferee } from "../../../test/referee.ts";
import { GPT2, LLAMA, writeTinyDecoder } from "../../../test/tiny-decoder.ts";
import { grafter, temporaryFolder } from "./run-graft.ts";

const root = temporaryFolder();
const graft = grafter(root);
const COLOURS = { sky: "blue", grass: "green", sun: "yellow", rose: "red" };
const ASKED = ["What colour is the", "Tell me the colour of the"];
const FAMILIES = { llama: LLAMA, gpt2: GPT2 };

/** What a command prints with --json. */
async function json<T>(args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await graft([...args, "--json"]);
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  return JSON.parse(stdout) as T;
}

beforeAll(async () => {
  const rows = Object.entries(COLOURS).flatMap(([thing, colour]) =>
    ASKED.map((ask) => ({
      messages: [
        { role: "user", content: `${ask} ${thing}?` },
        { role: "assistant", content: `It is ${colour}.` },
      ],
    })),
  );
  await writeFile(join(root, "chat.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  for (const [name, config] of Object.entries(FAMILIES)) {
    await writeTinyDecoder(join(root, name), config);
    const { code, stderr } = await graft(
      `train --base ./${name} --task causal-language-modelling --data chat.jsonl --targets all-linear --epochs 40 --batch-size 4 --learning-rate 5e-3 --threads 1 --quiet --output ${name}.safetensors`.split(
        " ",
      ),
    );
    expect([code, stderr]).toEqual([0, ""]);
  }
}, 120_000);

describe.each(Object.keys(FAMILIES))("an adapter that a random %s has learnt conversations with", (name) => {
  const base = ["generate", "--base", `./${name}`, "--max-tokens", "24"];
  const adapter = ["--adapter", `${name}.safetensors`];
  type Answers = { text: string; ids: number[]; finish: string }[];

  test("answers the same attached, merged in memory and merged on disk, and the base does not", async () => {
    const attached = await json<Answers>([...base, ...adapter, "--data", "chat.jsonl"]);
    const known = attached.filter(({ text }, index) => text === `It is ${Object.values(COLOURS)[Math.floor(index / ASKED.length)]}.`);
    expect(known.length).toBeGreaterThan(5);
    expect(await json<Answers>([...base, ...adapter, "--data", "chat.jsonl", "--mode", "merge"])).toEqual(attached);
    expect((await graft(["merge", "--base", `./${name}`, `${name}.safetensors`, "--output", `${name}.onnx`])).code).toBe(0);
    const tokenizer = ["--tokenizer", join(root, name, "tokenizer.json")];
    const merged = ["generate", "--base", `./${name}.onnx`, "--max-tokens", "24", ...tokenizer];
    expect(await json<Answers>([...merged, "--data", "chat.jsonl"])).toEqual(attached);
    expect(await json<Answers>([...base, "--data", "chat.jsonl"])).not.toEqual(attached);
  });

  test("is told piece by piece to a person, the answer alone on standard output", async () => {
    const { code, stdout, stderr } = await graft([...base, ...adapter, "--chat", "--prompt", "What colour is the sky?"]);
    expect([code, stdout]).toEqual([0, "It is blue.\n"]);
    expect(stderr).toMatch(/^\d+ tokens, [\d.]+ tokens\/s\n$/);
  });
});

test("answers are judged by those of the file; rows that ask the same are one question with several", async () => {
  const rows = [
    {
      messages: [
        { role: "user", content: "What colour is the sky?" },
        { role: "assistant", content: "It is blue." },
      ],
    },
    {
      messages: [
        { role: "user", content: "What colour is the sky?" },
        { role: "assistant", content: "Blue." },
      ],
    },
    {
      messages: [
        { role: "user", content: "What colour is the rose?" },
        { role: "assistant", content: "It is white." },
      ],
    },
  ];
  await writeFile(join(root, "judged.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const command = ["generate", "--base", "./llama", "--adapter", "llama.safetensors", "--data", "judged.jsonl", "--metrics"];
  const { metrics, answers } = await json<{ metrics: Record<string, number>; answers: { text: string; references: string[] }[] }>([
    ...command,
    "exact-match,bleu,rouge-l",
  ]);
  expect(answers.map(({ references }) => references)).toEqual([["It is blue.", "Blue."], ["It is white."]]);
  expect(metrics).toMatchObject({ "exact-match": 0.5, bleu: expect.any(Number), "rouge-l": expect.any(Number) });
  const { stderr } = await graft([...command, "pearson"]);
  expect(stderr).toContain("none of them compares texts [USAGE]");
});

test("graft eval takes the loss on every answer as training does, and judges what is written where texts are compared", async () => {
  const line = ["train", "--base", "./llama", "--task", "causal-language-modelling", "--data", "chat.jsonl", "--eval", "judged.jsonl"];
  const { metrics } = await json<{ metrics: Record<string, number> }>([
    ...line,
    ..."--steps 2 --threads 1 --quiet --output judged.safetensors".split(" "),
  ]);
  const judge = ["eval", "--base", "./llama", "--data", "judged.jsonl", "--quiet"];
  const own = await json<Record<string, number>>([...judge, "--adapter", "judged.safetensors"]);
  expect(Object.keys(own)).toEqual(["rows", "millisecondsPerRow", "perplexity", "accuracy", "loss", "mode", "adapter", "fit"]);
  for (const name of ["perplexity", "accuracy", "loss"]) expect(own[name], name).toBeCloseTo(metrics[name] ?? Number.NaN, 3);
  const learnt = await json<Record<string, number>>([
    ...judge,
    "--adapter",
    "llama.safetensors",
    "--metrics",
    "perplexity,exact-match,bleu",
  ]);
  expect(learnt).toMatchObject({ rows: 3, "exact-match": 0.5, bleu: expect.any(Number), perplexity: expect.any(Number) });
  const written = await json<Record<string, number>>([...judge, "--adapter", "llama.safetensors", "--metrics", "exact-match"]);
  expect([written["exact-match"], Object.hasOwn(written, "loss")]).toEqual([0.5, false]);
  const { stderr } = await graft([...judge, "--adapter", "llama.safetensors", "--metrics", "pearson"]);
  expect(stderr).toContain('Cannot judge by "pearson": it says nothing of the task "causal-language-modelling" [USAGE]');
});

describe.skipIf(referee === undefined)("PEFT reads the adapters", () => {
  test("and gives the same logits on the classes of transformers, attached and merged", async () => {
    const ids = [84, 104, 260, 32, 98, 105, 114, 100, 46];
    const ours = await Promise.all(
      Object.keys(FAMILIES).map(async (name) => {
        const bytes = await readFile(join(root, `${name}.safetensors`));
        await mkdir(join(root, `${name}-peft`));
        await writeFile(join(root, `${name}-peft/adapter_model.safetensors`), bytes);
        const config = peftConfig((await openAdapter(bytes)).manifest);
        expect(config).toMatchObject({ task_type: "CAUSAL_LM", fan_in_fan_out: name === "gpt2" });
        await writeFile(join(root, `${name}-peft/adapter_config.json`), JSON.stringify(config));
        await using model = await load(join(root, name), { adapters: [join(root, `${name}.safetensors`)], threads: 1 });
        const [row] = await model.run([{ ids }]);
        return Array.from(row?.logits ?? []);
      }),
    );
    const program = `
import json, sys, torch
from transformers import AutoModelForCausalLM
from peft import PeftModel
job = json.load(sys.stdin)
answers = []
for name in job["names"]:
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(job["root"] + "/" + name, dtype=torch.float32), job["root"] + "/" + name + "-peft").eval()
    with torch.no_grad():
        attached = model(input_ids=torch.tensor([job["ids"]])).logits.flatten().tolist()
        merged = model.merge_and_unload()(input_ids=torch.tensor([job["ids"]])).logits.flatten().tolist()
    answers.append([attached, merged])
json.dump(answers, sys.stdout)
`;
    const theirs = JSON.parse(runReferee(program, JSON.stringify({ names: Object.keys(FAMILIES), root, ids })).toString()) as number[][][];
    for (const [index, logits] of ours.entries()) {
      for (const want of theirs[index] ?? []) {
        expect(logits).toHaveLength(want.length);
        const scale = Math.max(1, ...want.map(Math.abs));
        expect(Math.max(...want.map((value, at) => Math.abs(value - (logits[at] ?? NaN)))) / scale).toBeLessThan(1e-4);
      }
    }
  });
});

describe("graft generate refuses in one line", () => {
  test.each([
    [["--prompt", "a", "--data", "chat.jsonl"], "USAGE", "both a prompt and a file"],
    [[], "USAGE", "there is no prompt"],
    [["--prompt", "a", "--metrics", "bleu"], "USAGE", "nobody says what is right"],
    [["--prompt", "a", "--system", "b"], "USAGE", "--system without --chat"],
    [["--prompt", "a", "--stop", "[1]"], "USAGE", "want a text, or a JSON list of texts"],
    [["--prompt", "a", "--beams", "2", "--top-k", "5"], "USAGE", "a beam search draws nothing at random"],
    [["--prompt", "a".repeat(300)], "USAGE", "the prompt has 300 tokens, want fewer than the 128"],
    [["--data", "missing.jsonl"], "FILE_NOT_FOUND", "missing.jsonl"],
  ])("%j", async (args, code, message) => {
    const { stderr, stdout } = await graft(["generate", "--base", "./llama", ...args]);
    expect(stdout).toBe("");
    expect(stderr).toContain(`[${code}]`);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test("a base that generates no text, by the family's name", async () => {
    const { stderr } = await graft([
      "generate",
      "--base",
      join(import.meta.dirname, "../../../packages/tiny-english/tiny-english"),
      "--prompt",
      "a",
    ]);
    expect(stderr).toContain('"bert" generates no text [ARCHITECTURE_UNSUPPORTED]');
  });
});
