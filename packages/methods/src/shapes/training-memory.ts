import type { BaseShapes } from "../base-shapes.ts";
import { findBlocks } from "../blocks.ts";

/** What a training step holds. */
export interface StepSize {
  /** Numbers that are trained, the head included. */
  readonly trained: number;
  /** Whether gradients pass through the base: not when only a head behind it is trained. */
  readonly throughBase: boolean;
  readonly rows: number;
  /** Tokens of a row, inserted ones included. */
  readonly length: number;
  /** Attention heads of a block. */
  readonly heads: number;
}

/** Bytes of each part of a training process, and of all; an estimate, in float32 on the CPU. */
export interface MemoryEstimate {
  /** The programs themselves: Node, ONNX Runtime, the tokenizer and the rows. */
  readonly process: number;
  /** The base's weights, as the runtime holds them. */
  readonly base: number;
  /** Trained numbers with their gradients and moments. */
  readonly trained: number;
  /** What a forward pass keeps for the backward pass. */
  readonly activations: number;
  readonly total: number;
}

/**
 * Bytes of the process, and copies of each part, fitted to peaks of real processes. Of all-MiniLM-L6-v2 it says 947 MB where `full` took
 * 907 (1 × 8 tokens), and 1,310 where it took 1,160 to 1,230 (16 × 128); of small plans, whose batches are run in parts, too much.
 */
const FITTED = { process: 300 * 2 ** 20, base: 2, trained: { small: 14, large: 5 }, kept: 1.5, scores: 1.5, forward: 0.05 } as const;

/** Trained numbers from which on the state of a step is written over piece by piece, and not made anew. */
export const LARGE_PLAN = 2 ** 22;

const BYTES = 4;

/** Estimates the peak resident memory of training, before anything is loaded. */
export function estimateMemory(shapes: BaseShapes, size: StepSize): MemoryEstimate {
  const { rows, length, heads, trained, throughBase } = size;
  const elements = (shape: readonly number[]): number => shape.reduce((product, one) => product * one, 1);
  const weights = shapes.weights.reduce((sum, { shape }) => sum + elements(shape), 0);
  const blocks = findBlocks(shapes.weights.map(({ module }) => module));
  // Every dense layer of a block gives one value of its width for each token, and attention one score for each pair of tokens.
  const widths = shapes.matrices.filter(({ module, operator }) => operator !== "Gather" && blocks.of(module) !== undefined);
  const perToken = widths.reduce((sum, { out }) => sum + out, 0);
  const scores = blocks.count * heads * length * length;
  const kept = throughBase ? 1 : FITTED.forward;
  const parts = {
    process: FITTED.process,
    base: FITTED.base * BYTES * weights,
    trained: (trained > LARGE_PLAN ? FITTED.trained.large : FITTED.trained.small) * BYTES * trained,
    activations: BYTES * rows * kept * (FITTED.kept * length * perToken + FITTED.scores * scores),
  };
  return { ...parts, total: parts.process + parts.base + parts.trained + parts.activations };
}
