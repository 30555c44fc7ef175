import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { MethodOptions } from "@graft/methods";
import { GLOSS_TOPICS, TINY_ENGLISH_FOLDER, TOPICS_HEAD, TOPICS_LORA } from "@graft/tiny-english";
import type { RandomBase } from "@graft/train/node";
import type { MeasurementOptions } from "../measurement.ts";
import { meanAndDeviation } from "../statistics.ts";
import { learnTopics } from "./learn-topics.ts";
import { naiveBayesAccuracy, type Row } from "./naive-bayes.ts";

/** One way to learn the topics. */
interface Contender {
  readonly name: string;
  readonly base: string | RandomBase;
  readonly method: MethodOptions;
  readonly learningRate: number;
}

/** Prints the accuracy of every contender on the same rows, mean and standard deviation over seeds. */
export async function compareTopics({ seeds }: MeasurementOptions): Promise<void> {
  const [train, test] = await Promise.all([readRows(GLOSS_TOPICS.train), readRows(GLOSS_TOPICS.test)]);
  process.stdout.write(`${train.length} training and ${test.length} held-out rows, ${seeds} seeds, ${TOPICS_LORA.epochs} epochs\n\n`);
  print("naive Bayes", [naiveBayesAccuracy(train, test)]);
  const config = JSON.parse(await readFile(join(TINY_ENGLISH_FOLDER, "config.json"), "utf8")) as Record<string, unknown>;
  const random: RandomBase = { config, tokenizerFile: join(TINY_ENGLISH_FOLDER, "tokenizer.json") };
  const contenders: Contender[] = [
    { name: "head only on the frozen base", base: TINY_ENGLISH_FOLDER, method: TOPICS_HEAD.method, learningRate: TOPICS_HEAD.learningRate },
    { name: "LoRA on the base", base: TINY_ENGLISH_FOLDER, method: TOPICS_LORA.method, learningRate: TOPICS_LORA.learningRate },
    { name: "LoRA on random weights", base: random, method: TOPICS_LORA.method, learningRate: TOPICS_LORA.learningRate },
    { name: "full fine-tuning", base: TINY_ENGLISH_FOLDER, method: { name: "full" }, learningRate: 3e-4 },
  ];
  for (const contender of contenders) {
    const accuracies: number[] = [];
    for (let seed = 1; seed <= seeds; seed++) accuracies.push((await learnTopics({ ...contender, seed })).accuracy);
    print(contender.name, accuracies);
  }
}

function print(name: string, values: readonly number[]): void {
  const { mean, deviation } = meanAndDeviation(values);
  process.stdout.write(`${name.padEnd(32)} ${mean.toFixed(3)}${values.length < 2 ? "" : ` ± ${deviation.toFixed(3)}`}\n`);
}

async function readRows(path: string): Promise<Row[]> {
  return (await readFile(path, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Row);
}
