import type { Plot } from "./plot.ts";
import { pageHtml, type Section } from "./page.ts";
import type { RunRecord } from "./run-record.ts";

/** What a report says besides the run itself. */
export interface ReportOptions {
  readonly title: string;
  /** What the run was told, and the defaults it took, by name. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Where it ran: hardware and versions, by name. */
  readonly environment?: Readonly<Record<string, string | number>>;
  /** Further sections, such as the singular values of what was learnt. */
  readonly sections?: readonly Section[];
}

/** The report of a run as one HTML file: curves, evaluations, samples, settings, data, environment. */
export function runReport(record: RunRecord, options: ReportOptions): string {
  const { settings = {}, environment = {}, sections = [] } = options;
  const hyperparameters = { ...record.end?.receipt.hyperparameters, ...settings };
  return pageHtml(options.title, [
    summary(record),
    { title: "Curves", plots: curves(record) },
    ...evaluations(record),
    ...samples(record),
    ...sections,
    ...named("Settings", hyperparameters),
    ...data(record),
    ...named("Environment", environment),
  ]);
}

function summary({ start, steps, end }: RunRecord): Section {
  const last = steps.at(-1);
  const [begun, done] = [start?.begun ?? 0, last?.step ?? start?.begun ?? 0];
  const trained = start?.parameters.trained ?? 0;
  const all = trained + (start?.parameters.frozen ?? 0);
  const tokens = steps.reduce((sum, { tokensPerSecond }) => sum + tokensPerSecond, 0) / Math.max(1, steps.length);
  return {
    title: "Summary",
    text:
      end === undefined
        ? `The run ended after step ${done} of ${start?.steps ?? 0}, before its time.`
        : `The run took ${end.steps} of ${start?.steps ?? end.steps} steps${end.stoppedEarly ? " and stopped early" : ""}${begun > 0 ? `; steps up to ${begun} were taken before it was resumed and have no curve here` : ""}.`,
    tables: [
      {
        caption: "Counts, speed and memory",
        head: ["what", "figure"],
        rows: [
          ["rows to learn from", start?.rows ?? 0],
          ["rows held out", start?.evaluationRows ?? 0],
          ["rows that were cut", start?.truncated ?? 0],
          ["rows left out", start?.skipped ?? 0],
          ["trained parameters", trained],
          ["parameters of the whole", all],
          ["targets", start?.targets ?? 0],
          ["last loss", last?.loss ?? Number.NaN],
          ["real tokens per second, mean", Math.round(tokens)],
          ["highest resident memory, MB", Math.round((last?.peakMemory ?? 0) / 1e6)],
          ...Object.entries(end?.receipt.metrics ?? {}).map(([name, value]) => [`${name} of the result`, value]),
        ],
      },
    ],
  };
}

function curves({ steps, evaluations: held }: RunRecord): Plot[] {
  const over = (name: string, value: (step: RunRecord["steps"][number]) => number) => ({
    name,
    points: steps.map((step) => [step.step, value(step)] as const),
  });
  const heldOut = (metric: string) => held.map(({ step, metrics }) => [step, metrics[metric] ?? Number.NaN] as const);
  const metrics = Object.keys(held[0]?.metrics ?? {}).filter((name) => name !== "loss");
  return [
    {
      title: "Loss",
      x: "step",
      curves: [over("of each step", ({ loss }) => loss), { name: "held out", points: heldOut("loss") }],
    },
    { title: "Learning rate", x: "step", curves: [over("learning rate", ({ learningRate }) => learningRate)] },
    { title: "Norm of the gradient, before clipping", x: "step", curves: [over("norm", ({ gradientNorm }) => gradientNorm)] },
    ...metrics.map((name) => ({ title: `${name}, held out`, x: "step", curves: [{ name, points: heldOut(name) }] })),
  ];
}

function evaluations({ evaluations: held }: RunRecord): Section[] {
  const [first] = held;
  if (first === undefined) return [];
  const names = Object.keys(first.metrics);
  return [
    {
      title: "Evaluations",
      tables: [
        {
          caption: "On the rows held out; the best so far are marked",
          head: ["step", "epoch", ...names, "best"],
          rows: held.map(({ step, epoch, metrics, best }) => [
            step,
            epoch,
            ...names.map((name) => metrics[name] ?? Number.NaN),
            best ? "best so far" : "",
          ]),
        },
      ],
    },
  ];
}

function samples({ samples: given }: RunRecord): Section[] {
  if (given.length === 0) return [];
  const rows = given.map(({ input, predicted, actual }) => [input, predicted, actual, predicted === actual ? "" : "differs"]);
  return [
    {
      title: "Samples",
      tables: [{ caption: "Rows with what the result makes of them", head: ["row", "predicted", "true", ""], rows }],
    },
  ];
}

function data({ end }: RunRecord): Section[] {
  if (end === undefined) return [];
  const { data: own, evaluation, seed } = end.receipt;
  return named("Data", {
    "digest of the training rows": own.digest,
    ...(evaluation === undefined ? {} : { "digest of the rows held out": evaluation.digest }),
    seed,
  });
}

function named(title: string, values: Readonly<Record<string, unknown>>): Section[] {
  const rows = Object.entries(values).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return [[name, typeof value === "string" || typeof value === "number" ? value : JSON.stringify(value)] as const];
  });
  return rows.length === 0 ? [] : [{ title, tables: [{ caption: title, head: ["name", "value"], rows }] }];
}
