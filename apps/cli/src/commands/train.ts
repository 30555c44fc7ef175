import { GraftError } from "@graft/error";
import { METHODS, type MethodOptions } from "@graft/methods";
import { trainFromFiles } from "@graft/train/node";
import { DEFAULTS, SCHEDULES, type ScheduleName, type StepEvent, type TrainEvent } from "@graft/train";
import { command, numberArgument } from "../command.ts";
import { checkOutputFile, checkOutputFolder } from "../check-output.ts";
import { locateBase } from "../local-bases.ts";
import { formatBytes, formatSeconds } from "@graft/terminal";
import type { Output } from "../output.ts";

const COUNT = { least: 1, whole: true };

/** What the numbers may be. */
const BOUNDS = {
  rank: COUNT,
  alpha: {},
  epochs: { least: 0 },
  "batch-size": COUNT,
  "learning-rate": { least: 0 },
  warmup: { least: 0 },
  "max-length": COUNT,
  seed: { least: 0, whole: true },
  threads: COUNT,
} as const;

/** `graft train`: an adapter from a base and labelled rows. */
export const train = command({
  name: "train",
  description: "Train an adapter for a base",
  examples: [
    "graft train --base ./minilm --data train.jsonl --eval test.jsonl --output adapter.safetensors",
    "graft train --base ./minilm --data rows.csv --method lora --rank 16 --targets query,key,value --epochs 5",
  ],
  args: {
    base: { type: "string", description: "Checkpoint folder, ONNX file, or name in the local store", required: true, valueHint: "base" },
    data: { type: "string", description: "Rows to learn from: JSONL or CSV with text and label", required: true, valueHint: "file" },
    eval: { type: "string", description: "Rows to judge by after each epoch", valueHint: "file" },
    output: { type: "string", description: "File to write", default: "adapter.safetensors", valueHint: "file" },
    task: {
      type: "enum",
      description: "What is learnt",
      options: ["text-classification", "masked-language-modelling"],
      default: "text-classification",
    },
    method: { type: "enum", description: "How the difference is parametrised", options: Object.keys(METHODS), default: "lora" },
    targets: {
      type: "string",
      description: "Matrices to adapt: attention, all-linear, ends of module paths, globs",
      default: "attention",
      valueHint: "list",
    },
    rank: { type: "string", description: "Rank of each target", default: "8", valueHint: "number" },
    alpha: { type: "string", description: "The scale is alpha / rank; twice the rank when left out", valueHint: "number" },
    epochs: { type: "string", description: "Times that all rows are read", default: String(DEFAULTS.epochs), valueHint: "number" },
    "batch-size": { type: "string", description: "Rows of one step", default: String(DEFAULTS.batchSize), valueHint: "number" },
    "learning-rate": { type: "string", description: "Highest learning rate; the method's own when left out", valueHint: "number" },
    schedule: { type: "enum", description: "How the learning rate goes", options: Object.keys(SCHEDULES), default: DEFAULTS.schedule },
    warmup: {
      type: "string",
      description: "Share of all steps, or a number of steps",
      default: String(DEFAULTS.warmup),
      valueHint: "number",
    },
    "max-length": { type: "string", description: "Longest row in tokens", default: String(DEFAULTS.maxLength), valueHint: "number" },
    seed: { type: "string", description: "The same seed gives the same bytes", default: String(DEFAULTS.seed), valueHint: "number" },
    text: { type: "string", description: "Name of the text column", default: "text", valueHint: "column" },
    pair: { type: "string", description: "Name of the column of the second text, if there is one", valueHint: "column" },
    label: { type: "string", description: "Name of the label column", default: "label", valueHint: "column" },
    threads: { type: "string", description: "Threads; all cores when left out", valueHint: "number" },
    device: { type: "enum", description: "Where to compute", options: ["cpu", "webgpu", "cuda", "auto"], default: "cpu" },
  },
  run: async ({ args, output, signal }) => {
    const number = (name: keyof typeof BOUNDS): number | undefined => numberArgument(args[name], name, BOUNDS[name]);
    const optional = <Name extends string>(name: Name, value: number | undefined): Partial<Record<Name, number>> =>
      value === undefined ? {} : ({ [name]: value } as Record<Name, number>);
    const numbers = {
      ...optional("epochs", number("epochs")),
      ...optional("batchSize", number("batch-size")),
      ...optional("learningRate", number("learning-rate")),
      ...optional("warmup", number("warmup")),
      ...optional("maxLength", number("max-length")),
      ...optional("seed", number("seed")),
      ...optional("threads", number("threads")),
    };
    const method = methodOptions(args.method, {
      targets: args.targets.split(",").map((target) => target.trim()),
      rank: number("rank"),
      alpha: number("alpha"),
    });
    await (args.method === "full" ? checkOutputFolder(args.output) : checkOutputFile(args.output));
    const events = trainFromFiles({
      base: await locateBase(args.base),
      task: args.task as "text-classification" | "masked-language-modelling",
      method,
      data: args.data,
      ...(args.eval === undefined ? {} : { evaluation: args.eval }),
      columns: { text: args.text, label: args.label, ...(args.pair === undefined ? {} : { pair: args.pair }) },
      output: args.output,
      schedule: args.schedule as ScheduleName,
      device: args.device as "cpu" | "webgpu" | "cuda" | "auto",
      ...numbers,
      signal,
    });
    const reporter = new Reporter(output);
    for await (const event of events) reporter.tell(event);
    output.line(`Wrote ${args.output}`);
    output.result({ output: args.output, ...reporter.summary() });
  },
});

function methodOptions(
  name: string,
  lora: { targets: readonly string[]; rank: number | undefined; alpha: number | undefined },
): MethodOptions {
  if (name === "lora")
    return {
      name,
      targets: lora.targets,
      ...(lora.rank === undefined ? {} : { rank: lora.rank }),
      ...(lora.alpha === undefined ? {} : { alpha: lora.alpha }),
    };
  if (name === "full" || name === "head") return { name };
  throw new GraftError("USAGE", `Cannot train with the method "${name}": want ${Object.keys(METHODS).join(", ")}`);
}

/** Tells a person what training does: counts first, then a bar, a line per evaluation, the end. */
class Reporter {
  readonly #output: Output;
  #step: StepEvent | undefined;
  #metrics: Readonly<Record<string, number>> = {};
  #parameters = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  tell(event: TrainEvent): void {
    if (event.type === "start") {
      const { trained, frozen } = event.parameters;
      this.#parameters = trained;
      this.#output.line(
        `${event.rows} rows, ${event.labels.length} labels; ${trained.toLocaleString("en")} of ${(trained + frozen).toLocaleString("en")} parameters are trained, ${event.targets} targets`,
      );
      if (event.truncated > 0) this.#output.note(`${event.truncated} rows are longer than the longest that is read, and were cut`);
    } else if (event.type === "step") {
      this.#step = event;
      this.#output.progress.update({
        label: "Training",
        done: event.step,
        total: event.steps,
        detail: `step ${event.step}/${event.steps}  loss ${event.loss.toFixed(3)}  ${Math.round(event.tokensPerSecond)} tokens/s  ${formatSeconds(event.secondsLeft)} left`,
      });
    } else if (event.type === "evaluation") {
      this.#output.progress.end();
      this.#metrics = event.metrics;
      this.#output.line(
        `epoch ${event.epoch}: ${Object.entries(event.metrics)
          .map(([name, value]) => `${name} ${value.toFixed(4)}`)
          .join(", ")}`,
      );
    } else {
      this.#output.progress.end();
      if (this.#step !== undefined)
        this.#output.line(
          `${event.steps} steps, ${Math.round(this.#step.tokensPerSecond)} tokens/s, peak memory ${formatBytes(this.#step.peakMemory)}`,
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
    };
  }
}
