import { z } from "zod";
import { Count, DigestText, Scalar, table } from "./scalars.ts";

/** A data set by content: digest of the file's bytes, and its rows. */
export const DataReference = z
  .strictObject({ digest: DigestText, rows: Count })
  .meta({ id: "DataReference", description: "A data set by content" });
/** A data set by content. */
export type DataReference = z.infer<typeof DataReference>;

/** What was done to train an adapter. No dates, durations or memory figures: a repeated run gives the same receipt. */
export const TrainingReceipt = z
  .strictObject({
    data: DataReference,
    evaluation: DataReference.optional(),
    seed: Count,
    steps: Count,
    epochs: z.number().min(0),
    hyperparameters: table(Scalar),
    metrics: table(z.number()),
    hardware: table(Scalar),
  })
  .meta({ id: "TrainingReceipt", description: "What was done to train an adapter" });
/** What was done to train an adapter. */
export type TrainingReceipt = z.infer<typeof TrainingReceipt>;
