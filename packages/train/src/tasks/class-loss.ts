import { LOSSES } from "@graft/autodiff";
import type { GraphBuilder } from "@graft/onnx";
import { IGNORED } from "../masking.ts";

/** Input of the true classes: int64 [rows or positions]; IGNORED counts for nothing. */
export const LABELS = "labels";

/** Cross-entropy of logits [rows, classes], the mean over the rows that have a class. */
export function classLoss(
  builder: GraphBuilder,
  { logits, labelSmoothing: smoothing = 0 }: { readonly logits: string; readonly labelSmoothing?: number | undefined },
): string {
  return LOSSES.crossEntropy(builder, { logits, labels: builder.input(LABELS, "int64", ["labels"]), ignoreIndex: IGNORED, smoothing });
}
