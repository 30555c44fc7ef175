import type { GraphBuilder } from "@graft/onnx";

/** Values that all updates of a step share: float32 scalars. */
export interface StepScalars {
  /** Learning rate of this step. */
  readonly learningRate: string;
  /** Number of this step, from 1, as a float. */
  readonly step: string;
  /** What every gradient is multiplied with, from clipping; absent when nothing is clipped. */
  readonly clip?: string;
}

/** Constants of the update rules; each rule reads its own. */
export interface OptimiserConstants {
  /** How slowly AdamW's mean of gradients forgets. */
  readonly beta1: number;
  /** How slowly AdamW's mean of squared gradients forgets. */
  readonly beta2: number;
  /** What AdamW adds to the root of the mean square. */
  readonly epsilon: number;
  /** Share of the last change that stochastic gradient descent keeps. */
  readonly momentum: number;
}

/** One trainable tensor in the step graph. */
export interface Update {
  readonly parameter: string;
  readonly gradient: string;
  /** State of the optimiser for this tensor, by slot: names of values. */
  readonly state: Readonly<Record<string, string>>;
  readonly weightDecay: number;
  /** What the learning rate is multiplied with for this tensor. */
  readonly rate: number;
}

/** New values of a tensor and of its state. */
export interface Updated {
  readonly parameter: string;
  readonly state: Readonly<Record<string, string>>;
}

/** An update rule as ONNX nodes. */
export interface Optimiser {
  /** Tensors kept beside each trainable, of its shape, zero at first. */
  readonly slots: readonly string[];
  /** Adds what a step computes once, and gives the rule for one tensor. */
  prepare(builder: GraphBuilder, options: StepScalars & OptimiserConstants): (update: Update) => Updated;
}

/** Makes a value for each key when it is first asked for: scalars that several tensors of a step share. */
export function shared(make: (...key: number[]) => string): (...key: number[]) => string {
  const known = new Map<string, string>();
  return (...key) => {
    const name = key.join(" ");
    const value = known.get(name) ?? make(...key);
    known.set(name, value);
    return value;
  };
}
