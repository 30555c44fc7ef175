import { GraftError } from "@graft/error";
import { LARGE_PLAN, type Plan } from "@graft/methods";
import { microBatchOf, microBatches, rowsOfStep } from "./epochs.ts";
import type { Settings } from "./defaults.ts";
import { taskNamed } from "./tasks.ts";

/**
 * Padded tokens that are run at once where nothing else is said: as many as keep two cores busy. 16 × 128 tokens in four parts
 * take no longer than whole, and a quarter of the memory for what the backward pass reads.
 */
const TOKENS_AT_ONCE = 512;

/** Whether so much is trained that whatever is made of it once more is felt. */
export function isLarge({ parameters }: Pick<Plan, "parameters">): boolean {
  return parameters > LARGE_PLAN;
}

/** How the batch of a step is run. */
export interface Parting {
  /** Whether every batch is run at once, as one graph with its update. */
  readonly whole: boolean;
  /** The parts of a batch. */
  parts(rows: readonly number[]): readonly (readonly number[])[];
}

/** Decides how batches are run: as `microBatchSize` says, or in parts of a bounded number of tokens where the task and the plan allow it. USAGE. */
export function partBatches(settings: Settings, options: { plan: Plan; lengths: readonly number[] }): Parting {
  const { plan, lengths } = options;
  const rowsAtMost = rowsOfStep(settings);
  const asSaid = { whole: microBatchOf(settings) === rowsAtMost, parts: (rows: readonly number[]) => microBatches(rows, settings) };
  if (!asSaid.whole && comparesRows(plan))
    throw new GraftError(
      "USAGE",
      `Cannot run batches of ${rowsAtMost} rows in parts: the loss compares the rows of a batch with each other`,
      {
        hint: "Leave out the accumulation and micro-batches, or give each pair a score",
      },
    );
  if (settings.microBatchSize !== undefined || isLarge(plan) || comparesRows(plan)) return asSaid;
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  if (Math.min(microBatchOf(settings), lengths.length) * longest <= TOKENS_AT_ONCE) return asSaid;
  return {
    whole: false,
    parts: (rows) => microBatches(rows, settings).flatMap((part) => evenly(part, { lengths, most: TOKENS_AT_ONCE })),
  };
}

/** Whether a part of a batch has another loss than it has within the whole. */
function comparesRows({ task }: Pick<Plan, "task">): boolean {
  return taskNamed(task.type).comparesRows === true && !("objective" in task && task.objective === "cosine");
}

/** Rows in as few parts of equal size as have at most so many tokens each, padding included. */
function evenly(rows: readonly number[], { lengths, most }: { lengths: readonly number[]; most: number }): number[][] {
  const longest = rows.reduce((length, row) => Math.max(length, lengths[row] ?? 0), 0);
  const parts = Math.min(rows.length, Math.max(1, Math.ceil((rows.length * longest) / most)));
  const size = Math.ceil(rows.length / parts);
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, index) => rows.slice(index * size, (index + 1) * size));
}
