import { GraftError } from "@graft/error";
import { type Head, wholeKey } from "@graft/format";
import { matrices, type ModelProto, type TensorProto } from "@graft/onnx";
import { configuredActivation } from "./activations.ts";
import { type ClassifierLayer, conventionsOf } from "./families.ts";
import { hiddenState } from "./hidden-state.ts";
import { type LanguageHead, languageHeadForm, languageHeadTensors } from "./language-head.ts";
import { languageLogits } from "./language-logits.ts";
import { networkOutput } from "./network-output.ts";
import type { PlanTask, Pooling } from "./plan-task.ts";
import type { Init, PlanBase, Trainable } from "./plan.ts";

/** Standard deviation of new dense layers: `initializer_range` of every BERT-like configuration. */
const DEVIATION = 0.02;

/** Head tensors of a task, and how they attach. */
export interface HeadPlan {
  readonly trainables: readonly Trainable[];
  readonly head?: Head;
  /** Of masked-language modelling. */
  readonly languageHead?: LanguageHead;
}

/** Plans the head that the family's `transformers` class has for the task. USAGE, ONNX_UNSUPPORTED. */
export function planHead(base: PlanBase, task: PlanTask): HeadPlan {
  if (task.type === "causal-language-modelling") {
    languageLogits(base.model);
    return { trainables: [] };
  }
  if (task.type === "tensors") {
    networkOutput(base.model, task);
    return { trainables: [] };
  }
  hiddenState(base.model);
  switch (task.type) {
    case "masked-language-modelling":
      return masked(base);
    case "sentence-embeddings":
      return { trainables: [], head: { input: "last_hidden_state", pooling: task.pooling ?? "mean", layers: [] } };
    case "token-classification": {
      checkLabels(task.labels, 2);
      const module = conventionsOf(base.family).tokenClassifier ?? "classifier";
      return headOf([denseLayer({ module }, { out: task.labels.length, width: base.hiddenSize })], "none");
    }
    default:
      checkLabels(task.labels, task.type === "regression" || ("multiLabel" in task && task.multiLabel === true) ? 1 : 2);
      return classifier(base, task);
  }
}

function masked(base: PlanBase): HeadPlan {
  const languageHead = languageHeadForm(base);
  return { trainables: languageHeadTensors(base, languageHead), languageHead };
}

function checkLabels(labels: readonly string[], least: number): void {
  if (labels.length >= least) return;
  throw new GraftError(
    "USAGE",
    `Cannot plan a head: there ${labels.length === 1 ? "is 1 label" : `are ${labels.length} labels`}, want at least ${least}`,
    { hint: "Check the label column of the data" },
  );
}

function classifier(base: PlanBase, { labels, pooling }: { readonly labels: readonly string[]; readonly pooling?: Pooling }): HeadPlan {
  const { classifier: layers, prefix, pooling: usual = "cls" } = conventionsOf(base.family);
  const width = base.hiddenSize;
  const planned = layers.map((layer, index) => {
    const last = index === layers.length - 1;
    const start = last ? undefined : baseLayer(base.model, { module: layer.module, prefix, width });
    return denseLayer(configured(layer, base.config), { out: last ? labels.length : width, width, start });
  });
  return headOf(planned, pooling ?? usual);
}

/** A layer with the activation that config.json gives it. */
function configured(layer: ClassifierLayer, config: PlanBase["config"] = {}): ClassifierLayer {
  const activation = layer.activationKey === undefined ? undefined : configuredActivation(config, layer.activationKey);
  return activation === undefined ? layer : { ...layer, activation };
}

/** A layer of a head as the manifest lists it, and its tensors. */
interface PlannedLayer {
  readonly layer: Head["layers"][number];
  readonly trainables: readonly Trainable[];
}

function denseLayer(
  { module, activation, bias: biased }: ClassifierLayer,
  { out, width, start }: { out: number; width: number; start?: { weight: Init; bias: Init } | undefined },
): PlannedLayer {
  const bias = biased !== false;
  const [weight, shift] = [wholeKey(module, "weight"), wholeKey(module, "bias")];
  const trainable = (key: string, shape: readonly number[], init: Init): Trainable => ({ key, shape, role: "head", module, init });
  return {
    layer: { weight, ...(bias ? { bias: shift } : {}), ...(activation === undefined ? {} : { activation }) },
    trainables: [
      trainable(weight, [out, width], start?.weight ?? { kind: "gaussian", deviation: DEVIATION }),
      ...(bias ? [trainable(shift, [out], start?.bias ?? { kind: "zeros" })] : []),
    ],
  };
}

function headOf(planned: readonly PlannedLayer[], pooling: Head["pooling"]): HeadPlan {
  return {
    head: { input: "last_hidden_state", pooling, layers: planned.map(({ layer }) => layer) },
    trainables: planned.flatMap(({ trainables }) => trainables),
  };
}

/** A pooler that the base has, to start from; both tensors or none. */
function baseLayer(
  model: ModelProto,
  options: { module: string; prefix: string; width: number },
): { weight: Init; bias: Init } | undefined {
  const { module, prefix, width } = options;
  const bare = module.startsWith(`${prefix}.`) ? module.slice(prefix.length + 1) : module;
  const find = (name: string): TensorProto | undefined => model.graph?.initializer.find((tensor) => tensor.name === name);
  const matrix = matrices(model).find((candidate) => candidate.module === module || candidate.module === bare);
  // A checkpoint's graph carries its pooler without using it.
  const weight = matrix === undefined ? (find(`${bare}.weight`) ?? find(`${module}.weight`)) : matrix.tensor;
  const bias = find(matrix?.bias?.initializer ?? `${bare}.bias`) ?? find(`${module}.bias`);
  if (weight === undefined || bias === undefined || weight.dims.length !== 2 || weight.dims.some((size) => Number(size) !== width))
    return undefined;
  return {
    weight: { kind: "base", tensor: weight, transposed: matrix?.orientation === "in_out" },
    bias: { kind: "base", tensor: bias, transposed: false },
  };
}
