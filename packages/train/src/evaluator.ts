import { GraftError } from "@graft/error";
import { batchesByLength, type Feeds, type Session, type TensorValue } from "@graft/runtime";
import { EVALUATION_OUTPUTS } from "./build-evaluation.ts";
import type { EvaluationState } from "./checkpoints/snapshot.ts";
import { isMeaningful, measure, METRICS, type MetricName, type Outcome } from "./metrics.ts";
import { taskNamed } from "./tasks.ts";
import type { Batch, Task } from "./tasks/task.ts";

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
  /** What the best weights are best by: the loss, or a metric that is taken. */
  readonly bestBy: string;
  /** What the evaluations of a run before have left. */
  readonly state?: EvaluationState;
  readonly signal?: AbortSignal | undefined;
}

/** Evaluates weights on the rows held out, and remembers the best. */
export class Evaluator {
  readonly #open: () => Promise<Session>;
  #session: Promise<Session> | undefined;
  readonly #options: EvaluatorOptions;
  readonly #names: readonly MetricName[];
  #state: EvaluationState;

  /** `open` is called when it is first needed. USAGE when `bestBy` is not taken. */
  constructor(open: () => Promise<Session>, options: EvaluatorOptions) {
    this.#open = open;
    this.#options = options;
    this.#names = options.metrics ?? options.task.metrics;
    const { kind } = options.task.judge().outcome();
    const meaningless = this.#names.find((name) => !isMeaningful(name, kind));
    if (meaningless !== undefined)
      throw new GraftError("USAGE", `Cannot judge by "${meaningless}": it says nothing of the task "${options.task.plan.type}"`, {
        hint: `Choose among ${Object.keys(METRICS)
          .filter((name) => isMeaningful(name as MetricName, kind))
          .join(", ")}`,
      });
    this.#state = options.state ?? { last: {}, waited: 0, step: 0 };
    if (options.bestBy !== "loss" && !this.#names.includes(options.bestBy as MetricName))
      throw new GraftError("USAGE", `Cannot tell the best weights by "${options.bestBy}": it is not evaluated`, {
        hint: `Choose one of ${["loss", ...this.#names].join(", ")}`,
      });
  }

  /** What the evaluations so far have left; for a checkpoint. */
  get state(): EvaluationState {
    return this.#state;
  }

  /** Metrics of the weights after a step, and whether they are the best so far. */
  async evaluate(weights: Feeds, step: number): Promise<{ metrics: Metrics; best: boolean }> {
    const metrics = await this.#metrics(await this.#with(weights));
    const { best: before, waited } = this.#state;
    const best = before === undefined || this.#better(metrics, before.metrics);
    this.#state = { best: best ? { weights, metrics } : before, last: metrics, waited: best ? 0 : waited + 1, step };
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

  /** What some weights make of one batch. */
  async outcome(weights: Feeds, batch: Batch): Promise<Outcome> {
    const { task } = this.#options;
    const judge = task.judge();
    const output = EVALUATION_OUTPUTS[taskNamed(task.plan.type).evaluates(task.plan)];
    const session = await this.#with(weights);
    judge.add(batch, (await session.run(batch.feeds, { fetches: [output] }))[output] as TensorValue);
    return judge.outcome();
  }

  #better(metrics: Metrics, than: Metrics): boolean {
    const { bestBy } = this.#options;
    const [own, other] = [metrics[bestBy] ?? Number.NaN, than[bestBy] ?? Number.NaN];
    // Anything is better than no number.
    if (Number.isNaN(other)) return !Number.isNaN(own);
    return bestBy === "loss" || METRICS[bestBy as MetricName].better === "less" ? own < other : own > other;
  }

  async #with(weights: Feeds): Promise<Session> {
    this.#session ??= this.#open();
    const session = await this.#session;
    await session.setState(weights);
    return session;
  }

  /** Over every row held out; what is drawn at random in them is the same each time. */
  async #metrics(session: Session): Promise<Metrics> {
    const { task, batchSize, signal } = this.#options;
    const judge = task.judge();
    const output = EVALUATION_OUTPUTS[taskNamed(task.plan.type).evaluates(task.plan)];
    let [loss, weight] = [0, 0];
    for (const rows of batchesByLength(task.lengths.evaluation, { batchSize })) {
      signal?.throwIfAborted();
      const batch = await task.batch("evaluation", { rows, pass: "evaluation" });
      const outputs = await session.run(batch.feeds, { fetches: [EVALUATION_OUTPUTS.loss, output] });
      // The mean over nothing is no number.
      if (batch.weight > 0) loss += Number(outputs[EVALUATION_OUTPUTS.loss]?.data[0]) * batch.weight;
      weight += batch.weight;
      judge.add(batch, outputs[output] as TensorValue);
    }
    const mean = weight === 0 ? 0 : loss / weight;
    return { loss: mean, ...measure(this.#names, { outcome: judge.outcome(), loss: mean }) };
  }
}
