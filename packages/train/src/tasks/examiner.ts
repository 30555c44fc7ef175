import type { Task as ManifestTask } from "@graft/format";
import type { Tokenizer } from "@graft/runtime";
import type { Place } from "../data/rows.ts";
import type { MetricName } from "../metrics.ts";
import { mean, type Outcome } from "../metrics/metric.ts";

/** One row as `run` of a loaded model takes it. */
export type ModelInput =
  | { readonly text: string; readonly pair?: string }
  | { readonly words: readonly string[] }
  | { readonly image: string | Uint8Array }
  | { readonly ids: readonly number[] };

/** What a loaded model says of one row: those of its fields that the task reads. */
export interface Answer {
  readonly label?: string;
  readonly labels?: readonly string[];
  readonly scores: Readonly<Record<string, number>>;
  readonly words?: readonly { readonly label: string; readonly scores: Readonly<Record<string, number>> }[];
  readonly embedding?: Float32Array;
  /** Of a language model: those of every token, position by position. */
  readonly logits?: Float32Array;
}

/** A row, where it stands, and the answers to its inputs. */
export interface Examined<Row> {
  readonly row: Row;
  readonly place: Place;
  readonly answers: readonly Answer[];
}

/** Compares what a loaded model says with what is true, row by row. */
export interface Examiner<Row> {
  /** Metrics that are taken where nobody asks for others. */
  readonly metrics: readonly MetricName[];
  /** A row as a loaded model runs it: one input, or several whose answers belong together. DATA_INVALID. */
  inputs(row: Row, place: Place): readonly ModelInput[];
  /** DATA_INVALID for a row whose truth the adapter cannot give. */
  add(examined: Examined<Row>): void;
  /** The outcome, and the mean loss where scores tell it. */
  verdict(): { readonly outcome: Outcome; readonly loss?: number };
}

/** What an adapter's manifest says of its task, and what its base does. */
export interface Examination extends Pick<ManifestTask, "labels" | "activation" | "threshold"> {
  readonly tokenizer: Tokenizer | undefined;
  /** Longest row in tokens that the base takes. */
  readonly maxLength: number;
}

/** Mean of −ln of the scores that true labels were given. */
export function logLoss(scores: readonly number[]): number {
  return mean(scores.map((score) => -Math.log(Math.max(score, Number.MIN_VALUE))));
}
