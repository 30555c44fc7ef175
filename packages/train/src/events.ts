import type { TrainingReceipt } from "@graft/format";
import type { OperatorTime, Session } from "@graft/runtime";
import type { TrainResult } from "./result.ts";
import type { Room } from "./room.ts";

/** What a run of training tells, in this order: one start, steps, evaluations and checkpoints, one end. */
export type TrainEvent = StartEvent | StepEvent | OperatorsEvent | EvaluationEvent | CheckpointEvent | EndEvent;

/** Before the first step: what will be done to how much. */
export interface StartEvent {
  readonly type: "start";
  readonly rows: number;
  readonly evaluationRows: number;
  /** Longest row in tokens that is read: what was asked for, or less where the base takes less. */
  readonly longest: number;
  /** Rows cut to that length. */
  readonly truncated: number;
  /** Rows left out because they cannot be used, where that was asked for. */
  readonly skipped: number;
  /** Numbers that are trained, and numbers that stay frozen. */
  readonly parameters: { readonly trained: number; readonly frozen: number };
  /** Matrices that the method adapts. */
  readonly targets: number;
  readonly steps: number;
  readonly epochs: number;
  readonly labels: readonly string[];
  /** Positions of the base's longest row: those that the method inserts, and those left for tokens. */
  readonly room: Room;
  /** Steps that a checkpoint had done; 0 for a run that begins. */
  readonly begun: number;
}

/** After each step. */
export interface StepEvent {
  readonly type: "step";
  /** Counts from 1. */
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  /** Mean loss of the batch. */
  readonly loss: number;
  /** Norm over all gradients, before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** Real tokens, padding not counted, over the last seconds. */
  readonly tokensPerSecond: number;
  readonly secondsLeft: number;
  /** Highest resident memory of the process so far, in bytes. */
  readonly peakMemory: number;
}

/** After the first step, when that was asked for. */
export interface OperatorsEvent {
  readonly type: "operators";
  readonly device: Session["device"];
  /** Longest first. */
  readonly operators: readonly OperatorTime[];
}

/** After each epoch, or every so many steps, and at the end, when there are rows to evaluate on. */
export interface EvaluationEvent {
  readonly type: "evaluation";
  readonly step: number;
  readonly epoch: number;
  /** The task's metrics by name: loss always; accuracy and macro F1 of a classifier. */
  readonly metrics: Readonly<Record<string, number>>;
  /** The best so far. */
  readonly best: boolean;
}

/** After a checkpoint was written, and before a run that was cancelled ends. */
export interface CheckpointEvent {
  readonly type: "checkpoint";
  readonly step: number;
  /** Where it lies. */
  readonly place: string;
}

/** A row, what the result makes of it, and what is true, in words. */
export interface Sample {
  readonly input: string;
  readonly predicted: string;
  readonly actual: string;
}

/** What came out. */
export interface EndEvent {
  readonly type: "end";
  readonly steps: number;
  /** Whether the evaluations ended it before its time. */
  readonly stoppedEarly: boolean;
  readonly receipt: TrainingReceipt;
  readonly result: TrainResult;
  /** As many rows as were asked for. */
  readonly samples: readonly Sample[];
}
