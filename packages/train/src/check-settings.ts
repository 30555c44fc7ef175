import { GraftError } from "@graft/error";
import type { Settings } from "./defaults.ts";
import { microBatchOf, rowsOfStep } from "./epochs.ts";
import { OPTIMISERS } from "./optimisers.ts";
import { SCHEDULES } from "./schedules.ts";

/** What each number may be, and how that is said. */
const BOUNDS: Readonly<Record<string, readonly [test: (value: number) => boolean, want: string]>> = Object.fromEntries([
  ...(["batchSize", "accumulation", "microBatchSize", "maxLength", "steps", "evaluateEvery", "patience"] as const).map((name) => [
    name,
    [(value: number) => Number.isSafeInteger(value) && value >= 1, "a whole number of at least 1"],
  ]),
  ...(["epochs", "learningRate", "epsilon"] as const).map((name) => [
    name,
    [(value: number) => Number.isFinite(value) && value > 0, "a number above 0"],
  ]),
  ...(["warmup", "weightDecay", "maxGradientNorm", "maxLossRatio"] as const).map((name) => [
    name,
    [(value: number) => Number.isFinite(value) && value >= 0, "a number of at least 0"],
  ]),
  ...(["beta1", "beta2", "momentum", "labelSmoothing"] as const).map((name) => [
    name,
    [(value: number) => value >= 0 && value < 1, "a number from 0 to below 1"],
  ]),
  ["maskRate", [(value: number) => value > 0 && value <= 1, "a number above 0, up to 1"]],
  ["seed", [(value: number) => Number.isSafeInteger(value) && value >= 0, "a whole number of at least 0"]],
]);

/** Refuses numbers that make no sense, or not together. USAGE. */
export function checkSettings(settings: Settings): void {
  for (const [name, [test, want]] of Object.entries(BOUNDS)) {
    const value = settings[name as keyof Settings];
    if (value !== undefined && !(typeof value === "number" && test(value)))
      throw new GraftError("USAGE", `Cannot train with ${name} ${String(value)}: want ${want}`);
  }
  for (const [name, table] of [
    ["optimiser", OPTIMISERS],
    ["schedule", SCHEDULES],
  ] as const) {
    if (!Object.hasOwn(table, settings[name]))
      throw new GraftError("USAGE", `Cannot train with ${name} "${settings[name]}": want ${Object.keys(table).join(", ")}`);
  }
  const [rows, micro] = [rowsOfStep(settings), microBatchOf(settings)];
  if (rows % micro !== 0) {
    const smaller = Array.from({ length: micro }, (_, index) => micro - index).find((size) => rows % size === 0) ?? 1;
    throw new GraftError("USAGE", `Cannot run batches of ${rows} rows in micro-batches of ${micro}: it does not divide`, {
      hint: `Take micro-batches of ${smaller} rows`,
    });
  }
}

/** Refuses what needs evaluations where there are no rows to evaluate on, and a warm-up that is longer than the run. USAGE. */
export function checkPlan(settings: Settings, { steps, evaluationRows }: { steps: number; evaluationRows: number }): void {
  const [wish] = [
    ...(settings.patience === undefined ? [] : [`wait ${settings.patience} evaluations for a better one`]),
    ...(settings.keep === "best" ? ["keep the best weights"] : []),
    ...(settings.evaluateEvery === undefined ? [] : [`evaluate every ${settings.evaluateEvery} steps`]),
  ];
  if (wish !== undefined && evaluationRows === 0)
    throw new GraftError("USAGE", `Cannot ${wish}: there are no rows to evaluate on`, { hint: "Give rows that are held out" });
  if (settings.warmup >= 1 && settings.warmup > steps)
    throw new GraftError("USAGE", `Cannot warm up for ${settings.warmup} steps: the run has ${steps}`, {
      hint: "Take fewer, or a share below 1",
    });
}
