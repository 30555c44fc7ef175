/** Scalars that a step is fed with, float32. */
export const STEP_INPUTS = { learningRate: "learning_rate", step: "step" } as const;
/** Scalars that a step gives, float32; all other outputs are state. */
export const STEP_OUTPUTS = { loss: "loss", gradientNorm: "gradient_norm" } as const;
/** Scalars that a micro-batch is fed with, float32: its share of the batch's loss, and 0 for the first of a batch, 1 for the others. */
export const ACCUMULATION_INPUTS = { share: "loss_share", keep: "keep_sums" } as const;
/** Name of the session's part that ends a step of several micro-batches. */
export const UPDATE_PART = "update";
