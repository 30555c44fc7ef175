import type { GraphBuilder } from "@graft/onnx";

/** Logits and the class numbers they should give. */
export interface CrossEntropyInputs {
  /** [..., classes] */
  readonly logits: string;
  /** int64 [...], as many as the logits have rows. */
  readonly labels: string;
  /** Rows with this label count for nothing; −100 by default. */
  readonly ignoreIndex?: number;
}

/** Numbers and the numbers they should be, of one shape. */
export interface SquaredErrorInputs {
  readonly predictions: string;
  readonly targets: string;
}

/** The mean of −log softmax(logits)[label] over the rows that count. Gives the name of the scalar. */
export function crossEntropy(builder: GraphBuilder, { logits, labels, ignoreIndex = -100 }: CrossEntropyInputs): string {
  const rows = builder.op("Flatten", [logits], { attributes: { axis: -1 }, name: "loss/Flatten" });
  const flat = builder.op("Reshape", [labels, builder.int([-1])], { name: "loss/Reshape" });
  return builder.ops("SoftmaxCrossEntropyLoss", [rows, flat], {
    attributes: { ignore_index: ignoreIndex, reduction: "mean" },
    name: "loss/SoftmaxCrossEntropyLoss",
    outputs: 2,
  })[0] as string;
}

/** The mean of (prediction − target)². Gives the name of the scalar. */
export function meanSquaredError(builder: GraphBuilder, { predictions, targets }: SquaredErrorInputs): string {
  const difference = builder.op("Sub", [predictions, targets], { name: "loss/Sub" });
  const square = builder.op("Mul", [difference, difference], { name: "loss/Mul" });
  return builder.op("ReduceMean", [square], { attributes: { keepdims: 0 }, name: "loss/ReduceMean" });
}

/** Losses by name. */
export const LOSSES = { crossEntropy, meanSquaredError } as const;
