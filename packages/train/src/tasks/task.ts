import type { PlanTask } from "@graft/methods";
import type { Feeds } from "@graft/runtime";

/** Rows made ready for a session. */
export interface Batch {
  readonly feeds: Feeds;
  /** Real tokens, padding not counted. */
  readonly tokens: number;
  /** Class of each row of the logits; IGNORED where there is none. */
  readonly labels: readonly number[];
}

/** Which of the rows. */
export type Part = "train" | "evaluation";

/** A task over its tokenised rows: what its head is planned from, its batches, its metrics. */
export interface Task {
  readonly plan: PlanTask;
  /** Names in METRICS that mean something for the task. */
  readonly metrics: readonly string[];
  /** Tokens of each row, to make batches by. */
  readonly lengths: Readonly<Record<Part, readonly number[]>>;
  readonly truncated: number;
  /** Rows by index; `pass` sets what is drawn at random in them. */
  batch(part: Part, options: { readonly rows: readonly number[]; readonly pass: string }): Batch;
}
