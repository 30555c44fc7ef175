import { batchesByLength, type Feeds, type Session, type TensorValue } from "@graft/runtime";
import { EVALUATION_OUTPUTS } from "./build-evaluation.ts";
import { measure, type MetricName } from "./metrics.ts";
import { taskNamed } from "./tasks.ts";
import type { Task } from "./tasks/task.ts";

/** The task's metrics by name, and the loss. */
export type Metrics = Readonly<Record<string, number>>;

/** Weights, and what they reached. */
export interface Evaluated {
  readonly weights: Feeds;
  readonly metrics: Metrics;
}

/** How rows are evaluated. */
export interface EvaluatorOptions {
  readonly task: Task;
  readonly batchSize: number;
  /** Metrics to take; the task's own by default. */
  readonly metrics?: readonly MetricName[] | undefined;
}

/** Evaluates weights on the rows held out, and remembers the best. */
export class Evaluator {
  readonly #open: () => Promise<Session>;
  #session: Promise<Session> | undefined;
  readonly #task: Task;
  readonly #batchSize: number;
  readonly #names: readonly MetricName[];
  best: Evaluated | undefined;
  last: Metrics = {};

  /** `open` is called when it is first needed. */
  constructor(open: () => Promise<Session>, options: EvaluatorOptions) {
    this.#open = open;
    this.#task = options.task;
    this.#batchSize = options.batchSize;
    this.#names = options.metrics ?? options.task.metrics;
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
    const rows = value?.dims[0] ?? 0;
    const numbers = Array.from(value?.data ?? [], Number);
    const width = rows === 0 ? 0 : numbers.length / rows;
    return Array.from({ length: rows }, (_, row) => numbers.slice(row * width, (row + 1) * width));
  }

  async #with(weights: Feeds): Promise<Session> {
    this.#session ??= this.#open();
    const session = await this.#session;
    await session.setState(weights);
    return session;
  }

  /** Over every row held out; what is drawn at random in them is the same each time. */
  async #metrics(session: Session): Promise<Metrics> {
    const judge = this.#task.judge();
    const output = EVALUATION_OUTPUTS[taskNamed(this.#task.plan.type).evaluates(this.#task.plan)];
    let [loss, weight] = [0, 0];
    for (const rows of batchesByLength(this.#task.lengths.evaluation, { batchSize: this.#batchSize })) {
      const batch = await this.#task.batch("evaluation", { rows, pass: "evaluation" });
      const outputs = await session.run(batch.feeds, { fetches: [EVALUATION_OUTPUTS.loss, output] });
      loss += Number(outputs[EVALUATION_OUTPUTS.loss]?.data[0]) * batch.weight;
      weight += batch.weight;
      judge.add(batch, outputs[output] as TensorValue);
    }
    const mean = weight === 0 ? 0 : loss / weight;
    return { loss: mean, ...measure(this.#names, { outcome: judge.outcome(), loss: mean }) };
  }
}
