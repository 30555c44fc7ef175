import type { MethodOptions } from "@graft/methods";
import type { Device, Fault } from "@graft/runtime";
import type { Hyperparameters, LabelledRow } from "@graft/train";

/** What a page trains: texts with labels, and how. */
export interface PageTraining extends Hyperparameters {
  readonly rows: readonly LabelledRow[];
  /** LoRA with its defaults when left out. */
  readonly method?: MethodOptions;
  /** The processor when left out. */
  readonly device?: Device;
}

/** What a page asks of the worker that trains. */
export interface TrainRequest {
  readonly base: string;
  readonly options: PageTraining;
}

/** What the worker says of it. */
export type TrainAnswer =
  | { readonly kind: "step"; readonly step: number; readonly steps: number; readonly loss: number }
  | { readonly kind: "trained"; readonly bytes: Uint8Array }
  | { readonly kind: "failed"; readonly fault: Fault };
