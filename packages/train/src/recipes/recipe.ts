import type { MethodOptions } from "@graft/methods";
import type { MetricName } from "../metrics.ts";
import type { Hyperparameters } from "../options.ts";
import type { TaskName } from "../tasks.ts";

/** What the LoRA paper (arXiv 2106.09685v2, appendix D) trained a model for one task with. */
export interface Recipe {
  readonly task: TaskName;
  readonly method: MethodOptions;
  readonly hyperparameters: Hyperparameters;
  readonly metrics: readonly MetricName[];
  /** How answers are decoded, where they are texts. */
  readonly generation?: { readonly beams: number; readonly lengthPenalty: number; readonly noRepeat: number };
  /** Where the paper's text and its scripts disagree, and what of it is not done here. */
  readonly notes: readonly string[];
}
