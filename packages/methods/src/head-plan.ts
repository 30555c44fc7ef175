import { GraftError } from "@graft/error";
import { type Head, wholeKey } from "@graft/format";
import { matrices, type ModelProto, type TensorProto } from "@graft/onnx";
import { conventionsOf } from "./families.ts";
import { hiddenState } from "./hidden-state.ts";
import { languageHead } from "./language-head.ts";
import type { PlanTask, TextClassification } from "./options.ts";
import type { Init, PlanBase, Trainable } from "./plan.ts";

/** Standard deviation of new dense layers: `initializer_range` of every BERT-like configuration. */
const DEVIATION = 0.02;

/** Head tensors of a task, and how they attach. */
export interface HeadPlan {
  readonly trainables: readonly Trainable[];
  readonly head?: Head;
}

/** Plans the head that the family's `transformers` class has for the task. USAGE, ONNX_UNSUPPORTED. */
export function planHead(base: PlanBase, task: PlanTask): HeadPlan {
  hiddenState(base.model);
  return task.type === "masked-language-modelling" ? { trainables: languageHead(base) } : classifier(base, task);
}

function classifier(base: PlanBase, { labels, pooling }: TextClassification): HeadPlan {
  if (labels.length < 2)
    throw new GraftError("USAGE", `Cannot plan a classifier: there are ${labels.length} labels, want at least 2`, {
      hint: "Check the label column of the data",
    });
  const { classifier: layers, prefix, pooling: usual = "cls" } = conventionsOf(base.family);
  const planned = layers.map(({ module, activation, bias = true }, index) => {
    const last = index === layers.length - 1;
    const shape = [last ? labels.length : base.hiddenSize, base.hiddenSize];
    const known = last ? undefined : baseLayer(base.model, { module, prefix, width: base.hiddenSize });
    const trainables: Trainable[] = [
      { key: wholeKey(module, "weight"), shape, role: "head", module, init: known?.weight ?? { kind: "gaussian", deviation: DEVIATION } },
      ...(bias
        ? [
            {
              key: wholeKey(module, "bias"),
              shape: shape.slice(0, 1),
              role: "head" as const,
              module,
              init: known?.bias ?? { kind: "zeros" as const },
            },
          ]
        : []),
    ];
    const layer = {
      weight: wholeKey(module, "weight"),
      ...(bias ? { bias: wholeKey(module, "bias") } : {}),
      ...(activation === undefined ? {} : { activation }),
    };
    return { layer, trainables };
  });
  return {
    head: { input: "last_hidden_state", pooling: pooling ?? usual, layers: planned.map(({ layer }) => layer) },
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
