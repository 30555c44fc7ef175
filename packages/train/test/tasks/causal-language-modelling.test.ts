import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBase } from "@graft/architectures/node";
import { createTokenizer, type Tokenizer } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";
import { type CausalRow, collectRows, TASKS, type Task, train, type TrainEvent } from "@graft/train";
import { readPrompts, readRows } from "@graft/train/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { referee, runReferee } from "../../../../test/referee.ts";
import { CHAT_TEMPLATE, GPT2, tinyTokenizer, writeTinyDecoder } from "../../../../test/tiny-decoder.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "graft-causal-"));
  await writeTinyDecoder(join(root, "gpt2"), GPT2);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const CONFIG = { bos_token: "<|endoftext|>", eos_token: "<|im_end|>", pad_token: "<pad>", chat_template: CHAT_TEMPLATE };
const tokenizer = (config: object = CONFIG): Tokenizer => createTokenizer(tinyTokenizer(), config);

/** The task over some rows, with what each row's predictions are. */
async function learnt(
  rows: readonly CausalRow[],
  options: { maxLength?: number; packed?: boolean; tokens?: Tokenizer; skipBadRows?: boolean } = {},
): Promise<{ task: Task; predicted: string[]; ids: string[] }> {
  const { maxLength = 64, packed = false, tokens = tokenizer(), skipBadRows = false } = options;
  type Kept = { ids: Int32Array; predicted: Uint8Array };
  const examples: Kept[] = [];
  const task = await TASKS["causal-language-modelling"].open({
    task: { type: "causal-language-modelling", rows, packed },
    base: {} as never,
    readFile: () => Promise.reject(new Error("rows of texts name no files")),
    tokenizer: tokens,
    maxLength,
    settings: {} as never,
    openStore: () => ({
      add: (example) => void examples.push(example as unknown as Kept),
      read: async (numbers) => numbers.map((number) => examples[number] as never),
    }),
    skipBadRows,
  });
  const text = (ids: readonly number[]): string => tokens.decode(ids, { skipSpecial: false });
  return {
    task,
    ids: examples.map(({ ids }) => text([...ids])),
    predicted: examples.map(({ ids, predicted }) => text([...ids].filter((_, at) => predicted[at] === 1))),
  };
}

const CHAT = [
  { role: "system", content: "Be short." },
  { role: "user", content: "What is the sun?" },
  { role: "assistant", content: "A star." },
  { role: "user", content: "And the moon?" },
  { role: "assistant", content: "A moon." },
];

describe("loss is taken on", () => {
  test("every token of a text behind the first, and on its end", async () => {
    const { ids, predicted } = await learnt(["a bird", { text: "the sea" }]);
    expect(ids).toEqual(["a bird<|im_end|>", "the sea<|im_end|>"]);
    expect(predicted).toEqual([" bird<|im_end|>", " sea<|im_end|>"]);
  });

  test("a completion alone, and on its end", async () => {
    const { ids, predicted } = await learnt([{ prompt: "sun:", completion: " a star" }]);
    expect(ids).toEqual(["sun: a star<|im_end|>"]);
    expect(predicted).toEqual([" a star<|im_end|>"]);
  });

  test("what the assistant says, in every turn", async () => {
    const { ids, predicted } = await learnt([{ messages: CHAT }], { maxLength: 200 });
    expect(ids[0]).toBe(tokenizer().chat?.render(CHAT));
    expect(predicted).toEqual(["A star.<|im_end|>\nA moon.<|im_end|>\n"]);
  });

  test("the last answer alone, where the template writes earlier ones otherwise", async () => {
    // As Qwen 3 does: only the last answer keeps its thoughts.
    const template =
      "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n'}}" +
      "{% if message['role'] == 'assistant' and loop.last %}{{'(thinks) '}}{% endif %}{{message['content'] + '<|im_end|>'}}{% endfor %}" +
      "{% if add_generation_prompt %}{{'<|im_start|>assistant\\n'}}{% endif %}";
    const { predicted } = await learnt([{ messages: CHAT }], { maxLength: 200, tokens: tokenizer({ ...CONFIG, chat_template: template }) });
    expect(predicted).toEqual(["(thinks) A moon.<|im_end|>"]);
  });

  test("tools that the template is given", async () => {
    const template = "{% if tools %}{{tools[0].name}}|{% endif %}" + CHAT_TEMPLATE;
    const { ids } = await learnt([{ messages: CHAT.slice(1, 3), tools: [{ name: "clock" }] }], {
      tokens: tokenizer({ ...CONFIG, chat_template: template }),
    });
    expect(ids[0]).toMatch(/^clock\|/);
  });
});

describe("rows longer than the model", () => {
  test("are cut at their end and counted", async () => {
    const { task, ids } = await learnt([{ prompt: "ab", completion: "cdefgh" }, "xyz"], { maxLength: 5 });
    expect(ids).toEqual(["abcde", "xyz<|im_end|>"]);
    expect(task.truncated).toBe(1);
  });

  test("are refused with their line when nothing of the answer is left, or left out when that is asked for", async () => {
    const rows = ["abcdefgh", { prompt: "abcdefgh", completion: "x" }];
    await expect(learnt(rows, { maxLength: 6 })).rejects.toMatchObject({
      code: "DATA_INVALID",
      message: expect.stringContaining("row 2: nothing of what is to be learnt is left of its 10 tokens, cut to 6"),
    });
    expect((await learnt(rows, { maxLength: 6, skipBadRows: true })).task.skipped).toBe(1);
  });
});

test("packed texts fill their rows, and the last row is what is left", async () => {
  const { ids, predicted, task } = await learnt(["abc", "defgh", "ij"], { maxLength: 6, packed: true });
  expect(ids).toEqual(["abc<|im_end|>de", "fgh<|im_end|>ij"]);
  expect(predicted).toEqual(["bc<|im_end|>de", "gh<|im_end|>ij"]);
  expect(task.lengths.train).toEqual([6, 6]);
  await expect(learnt([{ prompt: "a", completion: "b" }], { packed: true })).rejects.toMatchObject({ code: "USAGE" });
});

describe("files", () => {
  const rows = [{ messages: CHAT.slice(1, 3) }, { prompt: "sun:", completion: "a star" }, { text: "whole" }];

  test("have conversations, prompts with completions, and texts, a kind a row", async () => {
    const file = join(root, "rows.jsonl");
    await writeFile(file, rows.map((row) => JSON.stringify(row)).join("\n"));
    const { task } = await readRows({ task: "causal-language-modelling", data: file });
    expect(await collectRows(task.rows as never)).toEqual(rows);
    expect(await collectRows(await readPrompts({ data: file }))).toEqual([CHAT.slice(1, 2), "sun:", "whole"]);
  });

  test.each([
    ['{"messages": []}', 'its "messages" is no list of messages'],
    ['{"messages": [{"content": "a"}]}', 'message 1 of its "messages" has no role'],
    ['{"messages": [{"role": "user", "content": "a"}]}', "no message is the assistant's"],
    ['{"prompt": "a"}', 'it has no "completion"'],
  ])("with the row %s are refused with its line", async (row, why) => {
    const file = join(root, "bad.jsonl");
    await writeFile(file, `{"text": "fine"}\n${row}\n`);
    const { task } = await readRows({ task: "causal-language-modelling", data: file });
    await expect(collectRows(task.rows as never)).rejects.toMatchObject({
      code: "DATA_INVALID",
      message: expect.stringContaining(`line 2 of "${file}": ${why}`),
    });
  });
});

test("a conversation needs a template, and one that takes it", async () => {
  const { chat_template: _, ...plain } = CONFIG;
  await expect(learnt([{ messages: CHAT }], { tokens: tokenizer(plain) })).rejects.toMatchObject({
    code: "DATA_INVALID",
    message: expect.stringContaining("no chat template"),
  });
  const picky = tokenizer({ ...CONFIG, chat_template: "{{ raise_exception('roles must alternate') }}" });
  await expect(learnt([{ messages: CHAT }], { tokens: picky })).rejects.toMatchObject({
    message: expect.stringContaining("row 1: the chat template refuses it: roles must alternate"),
  });
  expect(() => tokenizer({ ...CONFIG, chat_template: "{% if %}" })).toThrow(expect.objectContaining({ code: "TOKENIZER_INVALID" }));
});

const PROGRAM = `
import json, sys, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
job = json.load(sys.stdin)
tokenizer = AutoTokenizer.from_pretrained(job["folder"])
model = AutoModelForCausalLM.from_pretrained(job["folder"], dtype=torch.float32).eval()
total, count = 0.0, 0
for row in job["rows"]:
    if "messages" in row:
        ids = tokenizer.apply_chat_template(row["messages"], tokenize=True, return_dict=False)
        before = tokenizer.apply_chat_template(row["messages"][:-1], tokenize=True, return_dict=False, add_generation_prompt=True)
    elif "prompt" in row:
        before = tokenizer(row["prompt"]).input_ids
        ids = before + tokenizer(row["completion"]).input_ids + [tokenizer.eos_token_id]
    else:
        before, ids = [], tokenizer(row["text"]).input_ids + [tokenizer.eos_token_id]
    labels = [-100] * len(before) + ids[len(before):]
    terms = sum(label != -100 for label in labels[1:])
    with torch.no_grad():
        total += model(input_ids=torch.tensor([ids]), labels=torch.tensor([labels])).loss.item() * terms
    count += terms
print(json.dumps(total / count))
`;

describe.skipIf(referee === undefined)("the loss of rows of every kind", () => {
  test("is that of transformers with its own tokens, and perplexity is its power", async () => {
    const rows: CausalRow[] = [
      { text: "the sun is a star" },
      { prompt: "the moon is", completion: " not a star, it is a moon" },
      { messages: CHAT.slice(0, 3) },
    ];
    const folder = join(root, "gpt2");
    const base = await openBase(folder);
    let metrics: Readonly<Record<string, number>> = {};
    const events: AsyncGenerator<TrainEvent> = train({
      base,
      tokenizer: tokenizer(),
      task: { type: "causal-language-modelling", rows, evaluation: rows },
      method: { name: "lora" },
      // What is judged is the base: the step changes nothing.
      learningRate: 1e-12,
      steps: 1,
      batchSize: 2,
      openSession,
      threads: 1,
    });
    for await (const event of events) if (event.type === "evaluation") metrics = event.metrics;
    const want = JSON.parse(runReferee(PROGRAM, JSON.stringify({ folder, rows })).toString()) as number;
    expect(Math.abs((metrics["loss"] ?? NaN) - want)).toBeLessThan(1e-4);
    expect(metrics["perplexity"]).toBeCloseTo(Math.exp(want), 2);
  });
});
