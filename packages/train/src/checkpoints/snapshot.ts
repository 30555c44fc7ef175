import type { Feeds } from "@graft/runtime";
import type { Evaluated } from "../evaluator.ts";
import type { RunIdentity } from "./run-identity.ts";

/** Everything that a run needs to go on bit for bit; all else follows from its settings, base and data. */
export interface Snapshot {
  readonly identity: RunIdentity;
  /** Steps done. */
  readonly step: number;
  /** Trained tensors and the optimiser's slots, by the names of the step graph. */
  readonly state: Feeds;
  readonly evaluation: EvaluationState;
  /** Running level of the loss. */
  readonly loss: LossLevel;
}

/** What the evaluations so far have left. */
export interface EvaluationState {
  readonly best?: Evaluated | undefined;
  readonly last: Readonly<Record<string, number>>;
  /** Evaluations since the best one. */
  readonly waited: number;
  /** Step after which was last evaluated; 0 before the first time. */
  readonly step: number;
}

/** Means that a step's loss is held against. */
export interface LossLevel {
  readonly steps: number;
  readonly first: number;
  readonly running: number;
}

/** A snapshot and where it was kept. */
export interface Restored {
  readonly snapshot: Snapshot;
  readonly place: string;
}

/** Where the checkpoints of a run go, and come from. */
export interface Checkpoints {
  readonly every: CheckpointInterval;
  /** The snapshot to go on from; undefined for a run that begins. CHECKPOINT_INVALID. */
  load(): Promise<Restored | undefined>;
  /** Keeps a snapshot whole or not at all and says where, for people. DISK_FULL, NOT_WRITABLE. */
  save(snapshot: Snapshot): Promise<string>;
}

/** How often a checkpoint is written: whatever comes first. */
export interface CheckpointInterval {
  readonly steps?: number;
  readonly epochs?: number;
  readonly minutes?: number;
}
