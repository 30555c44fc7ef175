import { counted, formatBytes, formatSeconds } from "@graft/terminal";
import type { OperatorsEvent, StepEvent, TrainEvent } from "@graft/train";
import type { Output } from "../output.ts";

/** Says that a base takes no rows as long as was asked for. */
export function noteLongest(output: Output, { asked, read }: { readonly asked: number | undefined; readonly read: number }): void {
  if (asked !== undefined && asked > read)
    output.note(`Rows are read to ${counted(read, "token")}, not to --max-length ${asked}: the base takes no more`);
}

/** Tells a person what training does: counts first, then a bar, a line per evaluation, the end. */
export class TrainReporter {
  readonly #output: Output;
  #step: StepEvent | undefined;
  #metrics: Readonly<Record<string, number>> = {};
  #parameters = 0;
  readonly #progress: string;
  #operators: OperatorsEvent["operators"] | undefined;

  readonly #longest: number | undefined;

  /** Progress as it was asked for: a bar, JSON, or none; JSON by itself where the result is JSON. `longest` is the `--max-length` of the line. */
  constructor(output: Output, options: { readonly progress?: string | undefined; readonly longest?: number | undefined } = {}) {
    this.#output = output;
    this.#progress = options.progress ?? (output.json ? "json" : "bar");
    this.#longest = options.longest;
  }

  tell(event: TrainEvent): void {
    // What an adapter holds is no line for a log.
    if (this.#progress === "json") this.#output.event(event.type === "end" ? { ...event, result: event.result.kind } : event);
    if (event.type === "start") {
      const { trained, frozen } = event.parameters;
      this.#parameters = trained;
      this.#output.line(
        `${counted(event.rows, "row")}, ${counted(event.labels.length, "label")}; ${trained.toLocaleString("en")} of ${counted(trained + frozen, "parameter")} are trained, ${counted(event.targets, "target")}`,
      );
      const { inserted, left } = event.room;
      if (inserted > 0) this.#output.line(`${counted(inserted, "position")} inserted into every row; the base leaves ${left} for tokens`);
      if (event.begun > 0) this.#output.line(`Going on after step ${event.begun} of ${event.steps}`);
      if (event.skipped > 0) this.#output.note(`Left out ${counted(event.skipped, "row")} that cannot be used`);
      noteLongest(this.#output, { asked: this.#longest, read: event.longest });
      if (event.truncated > 0) this.#output.note(`Cut ${counted(event.truncated, "row")} to ${counted(event.longest, "token")}`);
    } else if (event.type === "step") {
      this.#step = event;
      if (this.#progress !== "bar") return;
      this.#output.progress.update({
        label: "Training",
        done: event.step,
        total: event.steps,
        detail: `step ${event.step}/${event.steps}  loss ${event.loss.toFixed(3)}  ${Math.round(event.tokensPerSecond)} tokens/s  ${formatSeconds(event.secondsLeft)} left  ${formatBytes(event.peakMemory)}`,
      });
    } else if (event.type === "operators") {
      this.#output.progress.end();
      this.#operators = event.operators;
      this.#output.line(`The first step on ${event.device}:`);
      this.#output.table(
        event.operators.map(({ operator, provider, count, milliseconds }) => [operator, provider, count, milliseconds.toFixed(2)]),
        { head: ["operator", "where", "nodes", "ms"] },
      );
    } else if (event.type === "evaluation") {
      this.#output.progress.end();
      this.#metrics = event.metrics;
      this.#output.line(
        `epoch ${event.epoch}, step ${event.step}: ${Object.entries(event.metrics)
          .map(([name, value]) => `${name} ${value.toFixed(4)}`)
          .join(", ")}`,
      );
    } else if (event.type === "end") {
      this.#output.progress.end();
      this.#metrics = event.receipt.metrics;
      if (event.stoppedEarly)
        this.#output.line(`Ended early: no evaluation was better than an earlier one for as long as the patience allows`);
      if (this.#step !== undefined)
        this.#output.line(
          `${counted(event.steps, "step")}, ${Math.round(this.#step.tokensPerSecond)} tokens/s, peak memory ${formatBytes(this.#step.peakMemory)}`,
        );
    }
  }

  summary(): Readonly<Record<string, unknown>> {
    return {
      parameters: this.#parameters,
      steps: this.#step?.steps,
      loss: this.#step?.loss,
      tokensPerSecond: this.#step?.tokensPerSecond,
      peakMemory: this.#step?.peakMemory,
      metrics: this.#metrics,
      ...(this.#operators === undefined ? {} : { operators: this.#operators }),
    };
  }
}
