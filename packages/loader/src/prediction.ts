import type { Manifest } from "@graft/format";
import type { TensorValue } from "@graft/runtime";
import type { EncodedRow } from "./rows.ts";

/** What a model says of one row; which fields there are is up to the adapter's task. */
export interface Prediction {
  /** The label with the highest score, where one label is right. */
  readonly label?: string;
  /** The labels whose score reaches the threshold, where a row may have several. */
  readonly labels?: readonly string[];
  /** Probabilities by label, in the order of the labels; of a regression the numbers themselves. */
  readonly scores: Readonly<Record<string, number>>;
  /** Each word with its label, where words are what is labelled; a word that was cut off has the label "". */
  readonly words?: readonly WordPrediction[];
  /** The row's vector, of length 1. */
  readonly embedding?: Float32Array;
  /** The model's own numbers for the row: logits by label, or vectors; of words and language models, position by position. */
  readonly logits: Float32Array;
}

/** What a model says of one word. */
interface WordPrediction {
  readonly word: string;
  readonly label: string;
  readonly scores: Readonly<Record<string, number>>;
}

type Task = Manifest["task"];

/** Probability from which a label of several is given, where the manifest names none. */
const THRESHOLD = 0.5;

/** The predictions of a batch, from its outputs: [rows, outputs], or [rows, positions, outputs] where words are labelled. */
export function predictions(output: TensorValue, task: Task, rows: readonly EncodedRow[]): Prediction[] {
  const count = output.dims[0] ?? 0;
  const values = output.data as Float32Array;
  const size = count === 0 ? 0 : values.length / count;
  const [, , width] = output.dims;
  return Array.from({ length: count }, (_, row) => {
    const { ids = [] } = rows[row] ?? {};
    // Behind the last token of a shorter row stands what nobody asked for.
    const own = width === undefined || ids.length === 0 ? size : ids.length * width;
    return predict(values.slice(row * size, row * size + own), task, rows[row]);
  });
}

function predict(logits: Float32Array, task: Task, row: EncodedRow | undefined): Prediction {
  const { labels, activation = labels.length > 0 ? "softmax" : "identity" } = task;
  if (task.head?.pooling === "none" && labels.length > 0) return { logits, scores: {}, words: predictWords(logits, labels, row) };
  if (activation === "normalise") return { logits, scores: {}, embedding: normalised(logits) };
  if (labels.length === 0 || labels.length !== logits.length) return { logits, scores: {} };
  if (activation === "softmax") return { logits, ...mostLikely(logits, labels) };
  if (activation === "identity") return { logits, scores: named(labels, [...logits]) };
  const scores = Array.from(logits, (value) => 1 / (1 + Math.exp(-value)));
  const { threshold = THRESHOLD } = task;
  return { logits, labels: labels.filter((_, index) => (scores[index] ?? 0) >= threshold), scores: named(labels, scores) };
}

function predictWords(logits: Float32Array, labels: readonly string[], row: EncodedRow | undefined): WordPrediction[] {
  return (row?.words ?? []).map(({ word, start }) =>
    start === undefined
      ? { word, label: "", scores: {} }
      : { word, ...mostLikely(logits.slice(start * labels.length, (start + 1) * labels.length), labels) },
  );
}

function mostLikely(logits: Float32Array, labels: readonly string[]): { label: string; scores: Record<string, number> } {
  const scores = softmax(logits);
  return { label: labels[scores.indexOf(Math.max(...scores))] ?? "", scores: named(labels, scores) };
}

function named(labels: readonly string[], scores: readonly number[]): Record<string, number> {
  return Object.fromEntries(labels.map((label, index) => [label, scores[index] ?? 0]));
}

function softmax(logits: Float32Array): number[] {
  const highest = Math.max(...logits);
  const powers = Array.from(logits, (value) => Math.exp(value - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function normalised(values: Float32Array): Float32Array {
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return values.map((value) => value / Math.max(length, 1e-12));
}
