import type { ArgsDef } from "citty";
import { GraftError } from "@graft/error";
import type { GeneratedText, GenerateTextOptions } from "@graft/sdk";
import { counted } from "@graft/terminal";
import { collectRows, METRICS, type MetricName } from "@graft/train";
import { readPrompts } from "@graft/train/node";
import { answerBatches } from "../answer-batches.ts";
import { command, type Context, numberArgument } from "../command.ts";
import { type Asked, judgeTexts, readQuestions } from "../judge-texts.ts";
import { metricsArgument } from "../metrics-argument.ts";
import { loadTextGenerator, MODE_ARGS, MODEL_ARGS } from "../model-options.ts";

const ARGS = {
  ...MODEL_ARGS,
  adapter: { type: "string", description: "File, or @scope/name@range of a registry; the base alone without it", valueHint: "adapter" },
  ...MODE_ARGS,
  prompt: { type: "string", description: "Text to go on from", valueHint: "text" },
  chat: { type: "boolean", description: "The prompt is what a user says, written by the model's chat template" },
  system: { type: "string", description: "What the system says before, with --chat", valueHint: "text" },
  data: { type: "string", description: "Prompts to answer: JSONL, CSV or TSV with prompt, messages or text", valueHint: "file" },
  metrics: {
    type: "string",
    description: `Compare the answers with those of the file: ${Object.keys(METRICS).join(", ")}`,
    valueHint: "list",
  },
  "max-tokens": { type: "string", description: "Most tokens of an answer", default: "128", valueHint: "number" },
  temperature: {
    type: "string",
    description: "Draw at random: below 1 the likely gets likelier; 0 takes the most likely",
    valueHint: "number",
  },
  "top-k": { type: "string", description: "Draw among the so many most likely tokens", valueHint: "number" },
  "top-p": { type: "string", description: "Draw among the likeliest tokens that have this probability together", valueHint: "number" },
  seed: { type: "string", description: "The same seed draws the same text", default: "42", valueHint: "number" },
  beams: { type: "string", description: "Sequences followed at once, the best of which is the answer", default: "1", valueHint: "number" },
  "length-penalty": {
    type: "string",
    description: "Above 0 favours long answers of a beam search, below 0 short ones",
    valueHint: "number",
  },
  "no-repeat-ngram": { type: "string", description: "No run of so many tokens comes twice", valueHint: "number" },
  stop: { type: "string", description: "Text that ends an answer, or a JSON list of texts", valueHint: "text" },
  "batch-size": { type: "string", description: "Prompts that are run together", default: "8", valueHint: "number" },
} as const satisfies ArgsDef;

/** `graft generate`: texts that a decoder goes on with. */
export const generate = command({
  name: "generate",
  description: "Generate text with a decoder, alone or with an adapter",
  examples: [
    'graft generate --base ./gpt2 --prompt "The weather in Lisbon"',
    'graft generate --base ./smollm --adapter adapter.safetensors --chat --prompt "Is it raining?" --temperature 0.7 --top-p 0.9',
    "graft generate --base ./gpt2 --adapter @acme/captions@^1 --data prompts.jsonl --beams 4 --no-repeat-ngram 3 --json",
    "graft generate --base ./gpt2 --adapter captions.safetensors --data test.jsonl --beams 10 --length-penalty 0.8 --metrics bleu,rouge-l",
  ],
  args: ARGS,
  run: async (context) => {
    const { args, output, signal } = context;
    const options = generateOptions(args);
    const metrics = metricsOf(args);
    const asked = await promptsOf(context, metrics !== undefined);
    const prompts = asked.map(({ prompt }) => prompt);
    await using generator = await loadTextGenerator(args, { mode: args.mode, signal });
    const single = prompts.length === 1;
    const begin = performance.now();
    const answers: GeneratedText[] = [];
    const told = single && options.beams === 1 ? (_: number, piece: string) => output.piece(piece) : undefined;
    for await (const done of answerBatches(generator, prompts, { ...options, signal, ...(told === undefined ? {} : { onText: told }) })) {
      answers.push(...done);
      for (const { text } of done) {
        if (told === undefined) output.line(text);
        else output.line();
      }
      if (!single) output.progress.update({ label: "Generating", done: answers.length, total: prompts.length });
      if (output.closed) return;
    }
    output.progress.end();
    const tokens = answers.reduce((sum, { ids }) => sum + ids.length, 0);
    const seconds = (performance.now() - begin) / 1000;
    output.note(`${counted(tokens, "token")}, ${(tokens / seconds).toFixed(1)} tokens/s${generator.cached ? "" : ", without a cache"}`);
    const results = answers.map(({ ids, ...answer }, index) => ({ ...asked[index], ...answer, tokens: ids.length, ids }));
    if (metrics === undefined) return output.result(results);
    const judged = judgeTexts(metrics, { asked, texts: answers.map(({ text }) => text) });
    output.table(Object.entries(judged).map(([name, value]) => [name, value.toFixed(4)]));
    output.result({ metrics: judged, answers: results });
  },
});

type Arguments = Context<typeof ARGS>["args"];

function generateOptions(args: Arguments): GenerateTextOptions & { readonly batchSize: number; readonly beams: number } {
  const count = { least: 1, whole: true };
  return {
    maxTokens: numberArgument(args["max-tokens"], "max-tokens", count),
    temperature: numberArgument(args.temperature, "temperature", { least: 0 }),
    topK: numberArgument(args["top-k"], "top-k", { least: 0, whole: true }),
    topP: numberArgument(args["top-p"], "top-p", { least: 0 }),
    seed: numberArgument(args.seed, "seed", { least: 0, whole: true }),
    beams: numberArgument(args.beams, "beams", count) ?? 1,
    lengthPenalty: numberArgument(args["length-penalty"], "length-penalty"),
    noRepeatNgram: numberArgument(args["no-repeat-ngram"], "no-repeat-ngram", { least: 0, whole: true }),
    batchSize: numberArgument(args["batch-size"], "batch-size", count) ?? 8,
    stop: stopTexts(args.stop),
  };
}

function stopTexts(given: string | undefined): readonly string[] {
  if (given === undefined || given === "") return [];
  if (!given.startsWith("[")) return [given];
  try {
    const list: unknown = JSON.parse(given);
    if (Array.isArray(list) && list.every((one): one is string => typeof one === "string" && one !== "")) return list;
  } catch {
    // Said below.
  }
  throw new GraftError("USAGE", `Cannot read --stop "${given}": want a text, or a JSON list of texts`);
}

function metricsOf(args: Arguments): readonly MetricName[] | undefined {
  const names = metricsArgument(args.metrics);
  if (names === undefined || args.data !== undefined) return names;
  throw new GraftError("USAGE", "Cannot judge an answer to a prompt: nobody says what is right", {
    hint: "Pass --data <file> with completions",
  });
}

async function promptsOf({ args }: Context<typeof ARGS>, judged: boolean): Promise<readonly Asked[]> {
  if (args.prompt !== undefined && args.data !== undefined)
    throw new GraftError("USAGE", "Cannot generate from both a prompt and a file", { hint: "Give one of --prompt and --data" });
  if (args.system !== undefined && args.chat !== true)
    throw new GraftError("USAGE", "Cannot use --system without --chat", { hint: "Add --chat, or put the text into the prompt" });
  if (args.data !== undefined && judged) return readQuestions(args.data);
  if (args.data !== undefined) return (await collectRows(await readPrompts({ data: args.data }))).map((prompt) => ({ prompt }));
  if (args.prompt === undefined)
    throw new GraftError("USAGE", "Cannot generate: there is no prompt", { hint: "Pass --prompt <text> or --data <file>" });
  if (args.chat !== true) return [{ prompt: args.prompt }];
  const system = args.system === undefined ? [] : [{ role: "system", content: args.system }];
  return [{ prompt: [...system, { role: "user", content: args.prompt }] }];
}
