import { batchesByLength, type Feeds, type Session } from "@graft/runtime";
import { EVALUATION_OUTPUTS } from "./build-evaluation.ts";
import { IGNORED } from "./masking.ts";
import { METRICS } from "./metrics.ts";
import type { Task } from "./tasks/task.ts";

/** The task's metrics by name, and the loss. */
export type Metrics = Readonly<Record<string, number>>;

/** Weights, and what they reached. */
export interface Evaluated {
  readonly weights: Feeds;
  readonly metrics: Metrics;
}

/** Evaluates weights on the rows held out, and remembers the best. */
export class Evaluator {
  readonly #open: () => Promise<Session>;
  #session: Promise<Session> | undefined;
  readonly #task: Task;
  readonly #batchSize: number;
  best: Evaluated | undefined;
  last: Metrics = {};

  /** `open` is called when it is first needed. */
  constructor(open: () => Promise<Session>, options: { task: Task; batchSize: number }) {
    this.#open = open;
    this.#task = options.task;
    this.#batchSize = options.batchSize;
  }

  /** Metrics of some weights; the best have the lowest loss on the rows held out. */
  async evaluate(weights: Feeds): Promise<{ metrics: Metrics; best: boolean }> {
    const metrics = await this.#metrics(await this.#with(weights));
    this.last = metrics;
    const best = this.best === undefined || (metrics["loss"] ?? 0) < (this.best.metrics["loss"] ?? 0);
    if (best) this.best = { weights, metrics };
    return { metrics, best };
  }

  /** Logits of one batch with some weights, row by row. */
  async logits(weights: Feeds, feeds: Feeds): Promise<number[][]> {
    const session = await this.#with(weights);
    const value = (await session.run(feeds, { fetches: [EVALUATION_OUTPUTS.logits] }))[EVALUATION_OUTPUTS.logits];
    const [rows = 0, classes = 0] = value?.dims ?? [];
    const numbers = Array.from(value?.data ?? [], Number);
    return Array.from({ length: rows }, (_, row) => numbers.slice(row * classes, (row + 1) * classes));
  }

  async #with(weights: Feeds): Promise<Session> {
    this.#session ??= this.#open();
    const session = await this.#session;
    await session.setState(weights);
    return session;
  }

  /** Over every row held out; what is drawn at random in them is the same each time. */
  async #metrics(session: Session): Promise<Metrics> {
    const predicted: number[] = [];
    const actual: number[] = [];
    let loss = 0;
    for (const rows of batchesByLength(this.#task.lengths.evaluation, { batchSize: this.#batchSize })) {
      const batch = this.#task.batch("evaluation", { rows, pass: "evaluation" });
      const outputs = await session.run(batch.feeds, { fetches: [EVALUATION_OUTPUTS.loss, EVALUATION_OUTPUTS.predictions] });
      const classes = outputs[EVALUATION_OUTPUTS.predictions]?.data as BigInt64Array;
      const counted = batch.labels.flatMap((label, index) => (label === IGNORED ? [] : [index]));
      loss += Number(outputs[EVALUATION_OUTPUTS.loss]?.data[0]) * counted.length;
      for (const index of counted) {
        predicted.push(Number(classes[index]));
        actual.push(batch.labels[index] as number);
      }
    }
    const named = Object.entries(METRICS).filter(([name]) => this.#task.metrics.includes(name));
    return {
      loss: actual.length === 0 ? 0 : loss / actual.length,
      ...Object.fromEntries(named.map(([name, metric]) => [name, metric({ predicted, actual })])),
    };
  }
}
