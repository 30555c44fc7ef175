/** What the trained model gives, as far as its head and its manifest depend on it. */
export type PlanTask =
  | TextClassification
  | ImageClassification
  | Regression
  | TokenClassification
  | SentenceEmbeddings
  | NetworkTask
  | { readonly type: "causal-language-modelling" }
  | { readonly type: "masked-language-modelling" };

/** How positions become one vector. */
export type Pooling = "cls" | "mean" | "last";

/** One row in, one of the labels out, or any number of them. */
export interface TextClassification {
  readonly type: "text-classification";
  /** Their order is that of the logits. */
  readonly labels: readonly string[];
  /** Each label apart: a row may have several, or none. */
  readonly multiLabel?: boolean;
  /** Probability from which a label of several is given; 0.5 by default. */
  readonly threshold?: number;
  /** The family's own by default. */
  readonly pooling?: Pooling;
}

/** One image in, one of the labels out. */
interface ImageClassification {
  readonly type: "image-classification";
  readonly labels: readonly string[];
  readonly pooling?: Pooling;
}

/** One row in, numbers out. */
interface Regression {
  readonly type: "regression";
  /** What each number is called. */
  readonly labels: readonly string[];
  readonly pooling?: Pooling;
}

/** One of the labels for each position. */
interface TokenClassification {
  readonly type: "token-classification";
  readonly labels: readonly string[];
}

/** One row in, a vector out that is near to those of rows with the same meaning. */
export interface SentenceEmbeddings {
  readonly type: "sentence-embeddings";
  /** `ranking`: each text with its own pair among those of the batch; `cosine`: pairs with a score. */
  readonly objective: "ranking" | "cosine";
  /** Texts of one row: two, or three with a text that means something else. */
  readonly texts: 2 | 3;
  /** What cosines are multiplied with before the softmax: 1 / temperature; 20 by default. */
  readonly scale?: number;
  /** The mean by default. */
  readonly pooling?: Pooling;
}

/** Tensors in, an output of the network's own out: of any network, with no head beside it. */
export interface NetworkTask {
  readonly type: "tensors";
  /** Whether the output is a class or numbers. */
  readonly objective: "classes" | "numbers";
  /** Name of the graph's output; needed where it has several. */
  readonly output?: string;
}

/** How a manifest says what the outputs are; nothing for classes of which one is right. */
export function outputsOf(task: PlanTask): { activation?: "sigmoid" | "identity" | "normalise"; threshold?: number } {
  if (task.type === "text-classification" && task.multiLabel === true) return { activation: "sigmoid", threshold: task.threshold ?? 0.5 };
  if (task.type === "regression") return { activation: "identity" };
  return task.type === "sentence-embeddings" ? { activation: "normalise" } : {};
}
