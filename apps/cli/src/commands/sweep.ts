import { readFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { GraftError } from "@graft/error";
import { fileError, holdFolder, writeFileWhole } from "@graft/files";
import { type Axes, type Cell, METRICS, type MetricName, summariseCells } from "@graft/train";
import { runNames, trainFromFiles } from "@graft/train/node";
import { command, numberArgument } from "../command.ts";
import { locateBase } from "../local-bases.ts";
import { BASE_ARGS } from "../train/base-argument.ts";
import { DATA_ARGS, dataOptions } from "../train/data-options.ts";
import { LOOP_ARGS, loopOptions } from "../train/loop-options.ts";
import { noteLongest } from "../train/reporter.ts";
import { type SweepCell, sweepCells } from "../train/sweep-cells.ts";
import { METHOD_ARGS, methodOptions } from "../train/method-options.ts";
import { TASK_ARGS, taskOptions } from "../train/task-options.ts";

/** Options that may list several values. */
const SWEPT = [
  "method",
  "rank",
  "alpha",
  "dropout",
  "initialisation",
  "learning-rate-ratio",
  "layers",
  "prefix",
  "infix",
  "size",
  "learning-rate",
  "batch-size",
  "epochs",
  "steps",
  "schedule",
  "warmup",
  "optimiser",
  "momentum",
  "weight-decay",
  "clip",
  "label-smoothing",
] as const;

/** What a finished run leaves in the folder. */
interface Finished {
  readonly cell: Cell;
  readonly seed: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly steps: number;
  readonly seconds: number;
}

/** Options of the grid: where one value stands elsewhere, here several may. */
const GRID_ARGS = Object.fromEntries(
  Object.entries({ ...METHOD_ARGS, ...LOOP_ARGS }).map(([name, arg]) => {
    const description = (SWEPT as readonly string[]).includes(name) ? `${arg.description}; several, to try each` : arg.description;
    return [name, arg.type === "enum" ? { ...arg, type: "string", valueHint: "list", description } : { ...arg, description }];
  }),
) as unknown as Readonly<{ [Name in keyof typeof METHOD_ARGS | keyof typeof LOOP_ARGS]: { type: "string"; description: string } }>;

/** `graft sweep`: a run for every combination of options and seeds, and one table. */
export const sweep = command({
  name: "sweep",
  description: "Train with every combination of some options, and compare them in one table",
  examples: [
    "graft sweep --base ./minilm --data train.jsonl --eval test.jsonl --learning-rate 1e-4,5e-4 --rank 4,8 --seeds 3 --output sweep",
  ],
  args: {
    ...BASE_ARGS,
    output: {
      type: "string",
      description: "Folder for what each run reached; finished runs are not run again",
      default: "sweep",
      valueHint: "folder",
    },
    seeds: { type: "string", description: "Runs of each combination, from --seed on", default: "1", valueHint: "number" },
    adapters: { type: "boolean", description: "Keep the adapter of each run" },
    ...DATA_ARGS,
    ...TASK_ARGS,
    ...GRID_ARGS,
  },
  run: async ({ args: parsed, given, output, signal }) => {
    const args = parsed as typeof parsed & Parameters<typeof loopOptions>[0] & Parameters<typeof methodOptions>[0];
    if (args.eval === undefined)
      throw new GraftError("USAGE", "Cannot compare runs: there are no rows to judge by", { hint: "Add --eval <file>" });
    const seeds = numberArgument(args.seeds, "seeds", { least: 1, whole: true }) ?? 1;
    const first = numberArgument(args.seed, "seed", { least: 0, whole: true }) ?? 0;
    const cells = sweepCells(axesOf(args), args);
    const data = await dataOptions(args);
    // Every combination is read before the first is run: a mistake in the last shows at once.
    const runs = cells.flatMap(({ cell, without }) =>
      Array.from({ length: seeds }, (_, index) => {
        const seed = first + index;
        const left = Object.fromEntries([...without].map((option) => [option, undefined]));
        const own = { ...args, ...cell, ...left, seed: String(seed) } as typeof args;
        return { cell, seed, options: { ...data, ...taskOptions(own), ...loopOptions(own), method: methodOptions(own) } };
      }),
    );
    for (const [method, options] of leftOut(cells)) output.note(`${method} takes no ${options.join(", ")}: it is run without`);
    const base = await locateBase(args.base);
    const nameOf = await runNames(base);
    await mkdir(args.output, { recursive: true }).catch((cause: unknown) => {
      throw fileError(cause, `make the folder "${args.output}"`);
    });
    const held = await holdFolder(args.output);
    const finished: Finished[] = [];
    try {
      for (const [index, { cell, seed, options }] of runs.entries()) {
        const key = await nameOf(options);
        const [file, adapter] = [join(args.output, `${key}.json`), join(args.output, `${key}.safetensors`)];
        let done = await readFinished(file);
        if (done === undefined) {
          const begin = performance.now();
          for await (const event of trainFromFiles({ ...options, base, signal, ...(args.adapters === true ? { output: adapter } : {}) })) {
            if (event.type === "start" && index === 0)
              noteLongest(output, { asked: given.has("max-length") ? options.maxLength : undefined, read: event.longest });
            if (event.type === "step") {
              const detail = `step ${event.step}/${event.steps}  loss ${event.loss.toFixed(3)}`;
              output.progress.update({
                label: `Run ${index + 1} of ${runs.length}`,
                done: index + event.step / event.steps,
                total: runs.length,
                detail,
              });
            } else if (event.type === "end")
              done = { cell, seed, metrics: event.receipt.metrics, steps: event.steps, seconds: (performance.now() - begin) / 1000 };
          }
          await writeFileWhole(file, `${JSON.stringify(done, null, 2)}\n`);
        }
        if (done !== undefined) finished.push({ ...done, cell });
      }
    } finally {
      output.progress.end();
      await held.release();
    }
    const by = args["best-by"] ?? "loss";
    const better = by === "loss" ? "less" : METRICS[by as MetricName].better;
    const table = summariseCells(finished, { by, better });
    const [names, metrics] = [Object.keys(axesOf(args)), Object.keys(table[0]?.metrics ?? {})];
    output.table(
      table.map(({ cell, runs: count, metrics: reached }) => [
        ...names.map((name) => String(cell[name] ?? "–")),
        count,
        ...metrics.map((name) => figure(reached[name])),
      ]),
      { head: [...names, "runs", ...metrics] },
    );
    output.result({ by, cells: table, runs: finished });
  },
});

/** Options that methods are run without, by method. */
function leftOut(cells: readonly SweepCell[]): [method: string, options: string[]][] {
  const found = cells.flatMap(({ cell, without }): [string, string[]][] =>
    without.size === 0 ? [] : [[String(cell["method"]), [...without].map((option) => `--${option}`)]],
  );
  return [...new Map(found)];
}

/** A mean, and of several runs how far they lie apart. */
function figure({ mean, deviation }: { readonly mean?: number; readonly deviation?: number } = {}): string {
  const text = mean?.toFixed(4) ?? "–";
  return deviation === undefined ? text : `${text} ± ${deviation.toFixed(4)}`;
}

function axesOf(args: Readonly<Record<string, unknown>>): Axes {
  return Object.fromEntries(
    SWEPT.flatMap((name) => {
      const text = args[name];
      return typeof text === "string" && text.includes(",") ? [[name, text.split(",").map((value) => value.trim())]] : [];
    }),
  );
}

async function readFinished(file: string): Promise<Finished | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Finished;
  } catch (cause) {
    throw new GraftError("CHECKPOINT_INVALID", `Cannot read "${file}": it is no JSON`, {
      cause,
      hint: "Delete it, to run that combination again",
    });
  }
}
