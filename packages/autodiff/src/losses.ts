import { DataType, type GraphBuilder } from "@graft/onnx";

/** Logits and the class numbers they should give. */
export interface CrossEntropyInputs {
  /** [..., classes] */
  readonly logits: string;
  /** int64 [...], as many as the logits have rows. */
  readonly labels: string;
  /** Rows with this label count for nothing; −100 by default. */
  readonly ignoreIndex?: number;
  /** Share of each row's truth that is spread evenly over all classes (Szegedy et al. 2016, as torch has it); none by default. */
  readonly smoothing?: number;
}

/** Numbers and the numbers they should be, of one shape. */
export interface SquaredErrorInputs {
  readonly predictions: string;
  readonly targets: string;
}

/** The mean of −log softmax(logits)[label] over the rows that count. Gives the name of the scalar. */
export function crossEntropy(builder: GraphBuilder, { logits, labels, ignoreIndex = -100, smoothing = 0 }: CrossEntropyInputs): string {
  const rows = builder.op("Flatten", [logits], { attributes: { axis: -1 }, name: "loss/Flatten" });
  const flat = builder.op("Reshape", [labels, builder.int([-1])], { name: "loss/Reshape" });
  const [loss = "", logProbabilities = ""] = builder.ops("SoftmaxCrossEntropyLoss", [rows, flat], {
    attributes: { ignore_index: ignoreIndex, reduction: "mean" },
    name: "loss/SoftmaxCrossEntropyLoss",
    outputs: 2,
  });
  if (smoothing === 0) return loss;
  // (1 − ε) · loss − ε · the mean of log softmax(logits) over the classes of the rows that count.
  const op = (type: string, inputs: string[], attributes = {}): string =>
    builder.op(type, inputs, { attributes, name: `loss/smoothing/${type}` });
  const counts = op("Cast", [op("Not", [op("Equal", [flat, builder.int(ignoreIndex)])])], { to: DataType.float32 });
  const classes = op("Cast", [op("Div", [op("Size", [logProbabilities]), op("Size", [flat])])], { to: DataType.float32 });
  const sum = op("ReduceSum", [op("Mul", [logProbabilities, op("Reshape", [counts, builder.int([-1, 1])])])], { keepdims: 0 });
  const mean = op("Div", [sum, op("Mul", [op("ReduceSum", [counts], { keepdims: 0 }), classes])]);
  return op("Sub", [op("Mul", [loss, builder.float(1 - smoothing)]), op("Mul", [mean, builder.float(smoothing)])]);
}

/** The mean of (prediction − target)². Gives the name of the scalar. */
export function meanSquaredError(builder: GraphBuilder, { predictions, targets }: SquaredErrorInputs): string {
  const difference = builder.op("Sub", [predictions, targets], { name: "loss/Sub" });
  const square = builder.op("Mul", [difference, difference], { name: "loss/Mul" });
  return builder.op("ReduceMean", [square], { attributes: { keepdims: 0 }, name: "loss/ReduceMean" });
}

/** Logits of decisions that are taken apart, and what each should be: 0 or 1, of one shape. */
export interface BinaryCrossEntropyInputs {
  readonly logits: string;
  readonly targets: string;
}

/** The mean of −t·ln σ(x) − (1 − t)·ln(1 − σ(x)) = softplus(x) − t·x, which no x makes infinite. Gives the name of the scalar. */
export function binaryCrossEntropy(builder: GraphBuilder, { logits, targets }: BinaryCrossEntropyInputs): string {
  const soft = builder.op("Softplus", [logits], { name: "loss/Softplus" });
  const each = builder.op("Sub", [soft, builder.op("Mul", [targets, logits], { name: "loss/Mul" })], { name: "loss/Sub" });
  return builder.op("ReduceMean", [each], { attributes: { keepdims: 0 }, name: "loss/ReduceMean" });
}

/** Vectors of texts that belong together: [texts · rows, width], all first texts, then all second ones, … */
export interface EmbeddingInputs {
  readonly embeddings: string;
  /** Texts of a row, at least 2. */
  readonly texts: number;
}

/**
 * Cosines of each first text with all other texts, times `scale`, as logits whose true class is the row's own second text:
 * with cross-entropy, the ranking of in-batch negatives (Henderson et al. 2017), sentence-transformers' MultipleNegativesRankingLoss.
 */
export function rankingLogits(builder: GraphBuilder, { embeddings, texts, scale }: EmbeddingInputs & { readonly scale: number }): string {
  const { first, others } = normalisedTexts(builder, { embeddings, texts });
  const turned = builder.op("Transpose", [others], { attributes: { perm: [1, 0] }, name: "loss/Transpose" });
  const scaled = builder.op("Mul", [first, builder.float(scale)], { name: "loss/Scale" });
  return builder.op("MatMul", [scaled, turned], { name: "loss/Cosines" });
}

/** The cosine of each first text with its second, [rows]. */
export function pairCosines(builder: GraphBuilder, { embeddings }: Pick<EmbeddingInputs, "embeddings">): string {
  const { first, others } = normalisedTexts(builder, { embeddings, texts: 2 });
  const product = builder.op("Mul", [first, others], { name: "loss/Product" });
  return builder.op("ReduceSum", [product, builder.int([1])], { attributes: { keepdims: 0 }, name: "loss/Cosines" });
}

/** Vectors divided by their lengths, the first texts apart from the others. */
function normalisedTexts(builder: GraphBuilder, { embeddings, texts }: EmbeddingInputs): { first: string; others: string } {
  const squares = builder.op("Mul", [embeddings, embeddings], { name: "loss/Square" });
  const sum = builder.op("ReduceSum", [squares, builder.int([1])], { attributes: { keepdims: 1 }, name: "loss/Squares" });
  // The smallest length is torch.nn.functional.normalize's, squared.
  const length = builder.op("Sqrt", [builder.op("Max", [sum, builder.float(1e-24)], { name: "loss/Max" })], { name: "loss/Length" });
  const unit = builder.op("Div", [embeddings, length], { name: "loss/Unit" });
  const shape = builder.op("Shape", [embeddings], { name: "loss/Shape" });
  const width = builder.op("Slice", [shape, builder.int([1]), builder.int([2])], { name: "loss/Width" });
  const split = builder.op("Concat", [builder.int([texts, -1]), width], { attributes: { axis: 0 }, name: "loss/Split" });
  const apart = builder.op("Reshape", [unit, split], { name: "loss/Apart" });
  const first = builder.op("Gather", [apart, builder.int(0)], { attributes: { axis: 0 }, name: "loss/First" });
  const rest = Array.from({ length: texts - 1 }, (_, index) => index + 1);
  const chosen = builder.op("Gather", [apart, builder.int(rest)], { attributes: { axis: 0 }, name: "loss/Others" });
  const flat = builder.op("Concat", [builder.int([-1]), width], { attributes: { axis: 0 }, name: "loss/Flat" });
  return { first, others: builder.op("Reshape", [chosen, flat], { name: "loss/Rest" }) };
}

/** Losses by name. */
export const LOSSES = { crossEntropy, meanSquaredError, binaryCrossEntropy } as const;
