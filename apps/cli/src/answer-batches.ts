import type { GeneratedText, GenerateTextOptions, Prompt, TextGenerator } from "@graft/sdk";

/** Prompts that are answered together where nobody says how many. */
const TOGETHER = 8;

/** Answers a batch at a time, so that each is there as soon as it can be. */
export async function* answerBatches(
  generator: TextGenerator,
  prompts: readonly Prompt[],
  { batchSize = TOGETHER, ...options }: GenerateTextOptions & { readonly batchSize?: number },
): AsyncGenerator<GeneratedText[]> {
  for (let at = 0; at < prompts.length; at += batchSize) yield await generator.generate(prompts.slice(at, at + batchSize), options);
}
