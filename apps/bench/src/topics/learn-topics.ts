import type { MethodOptions } from "@graft/methods";
import { GLOSS_TOPICS, TOPICS_LORA } from "@graft/tiny-english";
import { type RandomBase, trainFromFiles } from "@graft/train/node";

/** One way to learn the topics. */
export interface Learner {
  readonly base: string | RandomBase;
  readonly method: MethodOptions;
  readonly learningRate: number;
  readonly seed: number;
}

/** What it came to on the rows held out. */
export interface Learnt {
  readonly accuracy: number;
  readonly loss: number;
  /** Trained numbers, the head's among them. */
  readonly parameters: number;
  readonly seconds: number;
}

/** Trains on the gloss topics, as long as the quickstart does. */
export async function learnTopics(learner: Learner): Promise<Learnt> {
  const { epochs, batchSize } = TOPICS_LORA;
  const begin = performance.now();
  let [accuracy, loss, parameters] = [Number.NaN, Number.NaN, 0];
  for await (const event of trainFromFiles({
    ...learner,
    epochs,
    batchSize,
    task: "text-classification",
    data: GLOSS_TOPICS.train,
    evaluation: GLOSS_TOPICS.test,
    keep: "last",
  })) {
    if (event.type === "start") parameters = event.parameters.trained;
    if (event.type === "evaluation") [accuracy, loss] = [event.metrics["accuracy"] ?? Number.NaN, event.metrics["loss"] ?? Number.NaN];
  }
  return { accuracy, loss, parameters, seconds: (performance.now() - begin) / 1000 };
}
