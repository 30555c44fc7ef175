import type { Base, Config } from "@graft/architectures";
import { identifyBase } from "@graft/architectures/node";
import type { Digest } from "@graft/digest";
import { GraftError, isGraftError } from "@graft/error";
import type { ConvertBase, ConvertHead, ConvertMatrix, ConvertTensor, ConvertValues, ConvertWeights } from "@graft/format";
import {
  conventionsOf,
  initialise,
  type ManifestTarget,
  methodNamed,
  namedWeights,
  orthonormalise,
  outputsOf,
  planHead,
  type PlanTask,
  sameModule,
  singularValues,
} from "@graft/methods";
import { digestMatrix, floatValues, matrices, type Matrix } from "@graft/onnx";

/** How the outputs of a head are called. */
export interface LabelSources {
  /** As somebody says. */
  readonly labels?: readonly string[] | undefined;
  /** A config.json beside the adapter, which is asked before the base's. */
  readonly config?: Config | undefined;
}

/** What conversions of other formats ask of a base. */
export async function convertBase(base: Base, options: LabelSources = {}): Promise<ConvertBase> {
  const { reference, digests } = await identifyBase(base);
  const { prefix } = conventionsOf(base.family);
  const found = await convertMatrices(base, digests);
  const weights = namedWeights(base.model);
  return {
    reference,
    prefix,
    matrices: found,
    matrix: (module) => found.find((matrix) => sameModule(matrix.module, module)),
    tensor: async (module, part) => {
      // A tied language head has its weight under the table's name.
      const tied =
        part === "weight" ? found.find((matrix) => matrix.module === LANGUAGE_HEAD && sameModule(module, LANGUAGE_HEAD)) : undefined;
      const place =
        weights.find((weight) => weight.part === part && sameModule(weight.module, module)) ??
        weights.find(({ tensor }) => tensor.name === tied?.initializer);
      if (place === undefined) return undefined;
      const init = { kind: "base", tensor: place.tensor, transposed: place.transposed } as const;
      const trainable = { key: part, shape: place.shape, role: "replacement", module, init } as const;
      return {
        shape: place.shape,
        values: (await initialise({ trainables: [trainable] }, { seed: 0, weights: base.weights })).get(part) ?? new Float32Array(),
      };
    },
    head: (task, outputs) => headOf(base, task, outputs),
    merge: (name, target, { current, values }) => mergeWeights(name, target, { current, values }),
    labels: (count) =>
      givenLabels(options.labels, count) ??
      configLabels(options.config, count) ??
      configLabels(base.config, count) ??
      Array.from({ length: count }, (_, index) => `LABEL_${index}`),
    factors: (kind, weight, rank) => (kind === "pissa" ? principal(weight, rank) : orthogonal(weight, rank)),
  };
}

/** The matrices of a base, each layer once, with their digests. A table that is also multiplied with is two layers: the second is the language head. */
async function convertMatrices(
  base: Base,
  digests: ReadonlyMap<string, Digest>,
): Promise<(ConvertMatrix & { readonly initializer: string })[]> {
  const all = matrices(base.model);
  const tables = new Set(all.filter(({ operator }) => KINDS[operator] === "embedding").map(({ module }) => module));
  const named = all.flatMap((matrix) => {
    const kind = KINDS[matrix.operator];
    if (kind === undefined) return [];
    return [{ matrix, kind, module: kind === "linear" && tables.has(matrix.module) ? LANGUAGE_HEAD : matrix.module }];
  });
  const users = Map.groupBy(named, ({ matrix }) => matrix.initializer);
  const modules = new Map<string, ConvertMatrix & { readonly initializer: string }>();
  for (const { matrix, kind, module } of named) {
    if (modules.has(module)) continue;
    const [, , ...kernel] = matrix.tensor.dims.map(Number);
    modules.set(module, {
      module,
      initializer: matrix.initializer,
      digest: digests.get(matrix.initializer) ?? (await ownDigest(base, matrix)),
      in: matrix.in,
      out: matrix.out,
      shared: new Set(users.get(matrix.initializer)?.map((user) => user.module)).size > 1,
      ...(kind === "linear" ? {} : { kind }),
      ...(kind === "convolution" ? { kernel } : {}),
    });
  }
  return [...modules.values()];
}

/** What every class of transformers that predicts tokens calls its last layer. */
const LANGUAGE_HEAD = "lm_head";

/** What a target on an operator's weight is. */
const KINDS: Readonly<Record<string, "linear" | "embedding" | "convolution">> = {
  MatMul: "linear",
  Gemm: "linear",
  FusedMatMul: "linear",
  Gather: "embedding",
  Conv: "convolution",
};

async function ownDigest(base: Base, { tensor }: Matrix): Promise<Digest> {
  const [rows = 1, ...rest] = tensor.dims.map(Number);
  return digestMatrix(await floatValues(tensor, base.weights), { rows, columns: rest.reduce((product, size) => product * size, 1) });
}

/** Tasks of transformers' classes that end with dense layers. */
const HEADS = ["text-classification", "regression", "token-classification"] as const;

/** The head that training gives the task; undefined for tasks without labels. */
function headOf(base: Base, task: string, outputs: number): ConvertHead | undefined {
  const type = HEADS.find((name) => name === task);
  if (type === undefined) return undefined;
  const plan: PlanTask = { type, labels: Array.from({ length: outputs }, (_, index) => `LABEL_${index}`) };
  try {
    const { head, trainables } = planHead(base, plan);
    if (head === undefined) return undefined;
    const tensors = trainables.map((trainable) => ({
      key: trainable.key,
      module: trainable.module,
      shape: trainable.shape,
      ...(trainable.init.kind === "base"
        ? {
            start: async () =>
              (await initialise({ trainables: [trainable] }, { seed: 0, weights: base.weights })).get(trainable.key) ?? new Float32Array(),
          }
        : {}),
    }));
    return { head, tensors, task: outputsOf(plan) };
  } catch (cause) {
    if (isGraftError(cause) && cause.code === "USAGE") return undefined;
    throw cause;
  }
}

/** What the method makes of a layer: its own merge, or the weight with its delta. */
function mergeWeights(
  name: string,
  target: ManifestTarget,
  { current, values }: { readonly current: ConvertWeights; readonly values: ConvertValues },
): ConvertWeights {
  const method = methodNamed(name);
  const merged = method?.merge?.(target, current, values);
  if (merged !== undefined) return merged;
  const delta = method?.delta?.(target, values);
  if (delta === undefined)
    throw new GraftError("CONVERT_UNSUPPORTED", `Cannot import the adapter: this version has no method "${name}" that merges`);
  return { ...current, weight: current.weight.map((value, index) => value + (delta[index] as number)) };
}

function givenLabels(labels: readonly string[] | undefined, count: number): readonly string[] | undefined {
  if (labels === undefined || labels.length === count) return labels;
  throw new GraftError("USAGE", `Cannot import the adapter: ${labels.length} labels are given, its classifier has ${count} outputs`);
}

/** Those of id2label, where it has as many. */
function configLabels(config: Config | undefined, count: number): readonly string[] | undefined {
  const table = config?.["id2label"];
  if (typeof table !== "object" || table === null) return undefined;
  const labels = Array.from({ length: count }, (_, index) => (table as Record<string, unknown>)[String(index)]);
  const usable = labels.every((label) => typeof label === "string" && label !== "") && new Set(labels).size === count;
  return usable && Object.keys(table).length === count ? (labels as string[]) : undefined;
}

/** The first singular directions of W: A = √S·Vᵀ and B = U·√S, whose product is the best approximation of that rank. */
function principal({ values, shape: [rows = 0, columns = 0] }: ConvertTensor, rank: number): { a: Float32Array; b: Float32Array } {
  const { left, right, values: strengths, count } = singularValues({ values, rows, columns });
  const a = new Float32Array(rank * columns);
  const b = new Float32Array(rows * rank);
  for (let inner = 0; inner < rank; inner++) {
    const root = Math.sqrt(strengths[inner] ?? 0);
    for (let column = 0; column < columns; column++) a[inner * columns + column] = root * (right[column * count + inner] as number);
    for (let row = 0; row < rows; row++) b[row * rank + inner] = root * (left[row * count + inner] as number);
  }
  return { a, b };
}

/** The first columns of Q and rows of R of W = Q·R: Q's follow from W's first columns alone, R's are QᵀW. */
function orthogonal({ values, shape: [rows = 0, columns = 0] }: ConvertTensor, rank: number): { a: Float32Array; b: Float32Array } {
  const first = new Float64Array(rows * rank);
  for (let row = 0; row < rows; row++)
    for (let inner = 0; inner < rank; inner++) first[row * rank + inner] = values[row * columns + inner] as number;
  const { q } = orthonormalise({ values: first, rows, columns: rank });
  const a = new Float64Array(rank * columns);
  for (let row = 0; row < rows; row++) {
    for (let inner = 0; inner < rank; inner++) {
      const factor = q[row * rank + inner] as number;
      for (let column = 0; column < columns; column++)
        a[inner * columns + column] = (a[inner * columns + column] as number) + factor * (values[row * columns + column] as number);
    }
  }
  return { a: Float32Array.from(a), b: Float32Array.from(q) };
}
