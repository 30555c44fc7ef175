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

/** One trainable tensor in the step graph. */
export interface Update {
  readonly parameter: string;
  readonly gradient: string;
  /** State of the optimiser for this tensor, by slot: names of values. */
  readonly state: Readonly<Record<string, string>>;
  readonly weightDecay: number;
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
  prepare(builder: GraphBuilder, scalars: StepScalars): (update: Update) => Updated;
}
