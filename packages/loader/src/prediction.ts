import type { Manifest } from "@graft/format";
import type { RowOutput } from "./engine.ts";
import type { EncodedRow } from "./rows.ts";

/** The model's own numbers for a row: logits by label, vectors, or hidden states; of words, position by position. */
interface RawAnswer {
  readonly logits: Float32Array;
  /** Shape of `logits`, [outputs] or [positions, outputs]. */
  readonly dims: readonly number[];
  /** Probabilities by label, in the order of the labels; of a regression the numbers themselves; empty where there are none. */
  readonly scores: Readonly<Record<string, number>>;
}

/** Where one label is right: that with the highest score. */
export interface ClassAnswer extends RawAnswer {
  readonly label: string;
}

/** Where a row may have several labels: those whose score reaches the threshold. */
export interface LabelsAnswer extends RawAnswer {
  readonly labels: readonly string[];
}

/** Where words are what is labelled: each with its label; a word that was cut off has the label "". */
export interface WordsAnswer extends RawAnswer {
  readonly words: readonly WordPrediction[];
}

/** A row's vector, of length 1. */
export interface VectorAnswer extends RawAnswer {
  readonly embedding: Float32Array;
}

/** What a task's answers are, by the task's type in the manifest. */
export interface TaskAnswers {
  readonly "text-classification": ClassAnswer | LabelsAnswer;
  readonly "image-classification": ClassAnswer | LabelsAnswer;
  readonly "token-classification": WordsAnswer;
  readonly regression: RawAnswer;
  readonly "sentence-embeddings": VectorAnswer;
  readonly "causal-language-modelling": RawAnswer;
  readonly "masked-language-modelling": RawAnswer;
  readonly tensors: RawAnswer;
}

/** What a model says of one row; which fields there are is up to the adapter's task. */
export interface Prediction extends RawAnswer {
  readonly label?: string;
  readonly labels?: readonly string[];
  readonly words?: readonly WordPrediction[];
  readonly embedding?: Float32Array;
}

/** What a model says of one word. */
export interface WordPrediction {
  readonly word: string;
  readonly label: string;
  readonly scores: Readonly<Record<string, number>>;
}

type Task = Manifest["task"];

/** Probability from which a label of several is given, where the manifest names none. */
const THRESHOLD = 0.5;

/** What a row's output means for a task; for no task, the hidden states of the row's own tokens. */
export function predict({ dims: given, values }: RowOutput, task: Task | undefined, row: EncodedRow | undefined): Prediction {
  // A head that pools gives one vector.
  const pooled = given.length === 2 && given[0] === 1 && task?.head !== undefined && task.head.pooling !== "none";
  const raw = pooled
    ? { logits: values, dims: given.slice(1), scores: {} }
    : ownPositions({ logits: values, dims: given, scores: {} }, row);
  if (task === undefined) return raw;
  const { logits } = raw;
  const { labels, activation = labels.length > 0 ? "softmax" : "identity" } = task;
  if (task.head?.pooling === "none" && labels.length > 0) return { ...raw, words: predictWords(logits, labels, row) };
  if (activation === "normalise") return { ...raw, embedding: normalised(logits) };
  if (labels.length === 0 || labels.length !== logits.length) return raw;
  if (activation === "softmax") return { ...raw, ...mostLikely(logits, labels) };
  if (activation === "identity") return { ...raw, scores: named(labels, [...logits]) };
  const scores = Array.from(logits, (value) => 1 / (1 + Math.exp(-value)));
  const { threshold = THRESHOLD } = task;
  return { ...raw, labels: labels.filter((_, index) => (scores[index] ?? 0) >= threshold), scores: named(labels, scores) };
}

/** Behind the last token of a shorter row stands what nobody asked for. */
function ownPositions(raw: RawAnswer, row: EncodedRow | undefined): RawAnswer {
  const [positions = 1, width = 1] = raw.dims;
  const count = row?.ids.length ?? 0;
  if (raw.dims.length !== 2 || count === 0 || count >= positions) return raw;
  return { ...raw, dims: [count, width], logits: raw.logits.slice(0, count * width) };
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
