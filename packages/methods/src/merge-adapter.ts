import { GraftError } from "@graft/error";
import type { Manifest } from "@graft/format";
import {
  cloneModel,
  DataType,
  dataTypeName,
  type DataTypeName,
  floatTensor,
  floatValues,
  GraphBuilder,
  matrices,
  type Matrix,
  type ModelProto,
  rawTensor,
  recode,
  type TensorProto,
  type Weights,
} from "@graft/onnx";
import { type Dtype, fromFloat32, toFloat32 } from "@graft/safetensors";
import { appendHead } from "./append-head.ts";
import { elementType } from "./graph-edits.ts";
import { graphOutput } from "./graph-output.ts";
import type { TargetMatch } from "./match-targets.ts";
import { sameModule } from "./match-targets.ts";
import { knownMethod } from "./known-method.ts";
import { methodNamed } from "./methods.ts";
import { namedWeights } from "./named-weights.ts";
import { type RoundedTarget, survival } from "./rounded-target.ts";
import { targetValues, targetWeight } from "./target-values.ts";
import { transposed } from "./transposed.ts";

/** What a merge needs of an adapter. */
export interface MergeSource {
  readonly manifest: Manifest;
  /** Where the model has the targets: all of them. */
  readonly matches: readonly TargetMatch[];
  /** Values of a tensor, float32. */
  values(key: string): Promise<Float32Array>;
}

/** A model with an adapter in its weights. */
export interface Merged {
  /** The base's graph; its new weights stand inline, all others as the base has them. */
  readonly model: ModelProto;
  /** The weights that are new, in the order of the manifest. */
  readonly tensors: readonly TensorProto[];
  /** Name of the output that holds the result. */
  readonly output: string;
  /** Targets whose weights are stored narrower than float32, and what rounding left of the adapter there. */
  readonly rounded: readonly RoundedTarget[];
}

const STORED: Readonly<Partial<Record<DataTypeName, Dtype>>> = { float32: "F32", float16: "F16", bfloat16: "BF16", float64: "F64" };

/** Writes W + delta for every target and puts the whole tensors in. The base is not changed. BASE_MISMATCH unless every target is there. */
export async function mergeAdapter(base: { readonly model: ModelProto; readonly weights: Weights }, adapter: MergeSource): Promise<Merged> {
  const { manifest, matches } = adapter;
  const { name, unmergeable } = knownMethod(manifest);
  if (unmergeable !== undefined)
    throw new GraftError("USAGE", `Cannot merge the adapter: it is trained by "${name}", and ${unmergeable}`, {
      hint: 'Attach it instead: graft eval and graft predict do, and load with mode "attach"',
    });
  if (matches.length !== manifest.targets.length) {
    throw new GraftError(
      "BASE_MISMATCH",
      `Cannot merge the adapter: ${manifest.targets.length - matches.length} of ${manifest.targets.length} targets are not in the model`,
      { hint: "Use the base named in the manifest" },
    );
  }
  const model = cloneModel(base.model);
  const builder = new GraphBuilder(model);
  const tensors: TensorProto[] = [];
  const rounded: RoundedTarget[] = [];
  for (const match of matches) tensors.push(...(await mergeTarget(builder, match, { weights: base.weights, adapter, rounded })));
  for (const { key, module, shape, role } of manifest.tensors) {
    const values = await adapter.values(key);
    if (role === "replacement") tensors.push(replaceWhole(builder, { key, module, values }));
    else tensors.push(addInitializer(builder, floatTensor(key, shape, values)));
  }
  const output = manifest.task.head === undefined ? undefined : appendHead(builder, manifest.task.head);
  return { model, tensors, output: graphOutput(builder, output, manifest.task), rounded };
}

async function mergeTarget(
  builder: GraphBuilder,
  { target, uses }: TargetMatch,
  { weights, adapter, rounded }: { weights: Weights; adapter: MergeSource; rounded: RoundedTarget[] },
): Promise<TensorProto[]> {
  const method = methodNamed(adapter.manifest.method.name);
  if (method?.delta === undefined && method?.merge === undefined)
    throw new GraftError(
      "ADAPTER_INVALID",
      `Cannot merge the adapter: this version knows no method "${adapter.manifest.method.name}" with targets`,
      { hint: "Update Graft" },
    );
  const [matrix] = uses;
  const values = await targetValues(adapter.manifest, target, adapter.values);
  const weight = await targetWeight(matrix, weights);
  const bias = builder.graph.initializer.find(({ name }) => name === matrix.bias?.initializer);
  const current = { weight, ...(bias === undefined ? {} : { bias: await floatValues(bias, weights) }) };
  const merged = method.merge?.(target, current, values) ?? { ...current, weight: sum(weight, method.delta?.(target, values)) };
  const tensors = [];
  if (matrix.quantised === true)
    tensors.push(await replaceCodes(builder, { uses, before: weight, after: merged.weight, weights, rounded }));
  else {
    const tensor = replaceMatrix(builder, uses, merged.weight);
    tensors.push(tensor);
    const dtype = STORED[dataTypeName(tensor.dataType)];
    if (dtype !== undefined && dtype !== "F32" && dtype !== "F64") {
      const kept = toFloat32(dtype, fromFloat32(dtype, merged.weight));
      const changed = kept.reduce((count, value, index) => count + (value === weight[index] ? 0 : 1), 0) / kept.length;
      rounded.push({
        module: target.module,
        stored: dataTypeName(tensor.dataType),
        changed,
        ...survival({ before: weight, after: merged.weight, kept }),
      });
    }
  }
  if (bias !== undefined && merged.bias !== undefined && merged.bias !== current.bias)
    tensors.push(replaceStored(builder, { initializer: bias.name, tensor: bias }, merged.bias));
  return tensors;
}

function sum(weight: Float32Array, delta: Float32Array | undefined): Float32Array {
  return delta === undefined ? weight : weight.map((value, index) => value + (delta[index] as number));
}

/** Gives a quantised target new codes, with the scales that it has. ONNX_UNSUPPORTED where its codes have no formula or other layers share them. */
async function replaceCodes(
  builder: GraphBuilder,
  options: { uses: TargetMatch["uses"]; before: Float32Array; after: Float32Array; weights: Weights; rounded: RoundedTarget[] },
): Promise<TensorProto> {
  const { uses, before, after, weights, rounded } = options;
  const [matrix] = uses;
  const shared = isShared(builder, uses);
  const turn = (values: Float32Array, rows: number, columns: number): Float32Array =>
    matrix.orientation === "out_in" ? values : transposed(values, { rows, columns });
  const recoded = shared ? undefined : await recode(matrix.tensor, turn(after, matrix.out, matrix.in), weights);
  if (recoded === undefined)
    throw new GraftError(
      "ONNX_UNSUPPORTED",
      `Cannot merge into "${matrix.module}": its codes ${shared ? "are another layer's too" : "have no formula that could be turned around"}`,
      { hint: "Attach the adapter instead, or merge it into the float32 base" },
    );
  const { tensor, values, changed } = recoded;
  const { graph } = builder;
  const index = graph.initializer.findIndex(({ name }) => name === matrix.initializer);
  if (index < 0)
    throw new GraftError("ONNX_UNSUPPORTED", `Cannot merge into "${matrix.module}": its codes are a constant of a node`, {
      hint: "Attach the adapter instead",
    });
  graph.initializer[index] = tensor;
  rounded.push({
    module: matrix.module,
    stored: dataTypeName(tensor.dataType),
    changed,
    ...survival({ before, after, kept: turn(values, matrix.in, matrix.out) }),
  });
  return tensor;
}

/** Whether other modules use the stored values too. */
function isShared(builder: GraphBuilder, uses: TargetMatch["uses"]): boolean {
  const [matrix] = uses;
  return matrices(builder.model).some(
    (other) => other.initializer === matrix.initializer && !uses.some(({ output }) => output === other.output),
  );
}

/** Gives a target new values [out, in]; where other modules share the stored ones, a weight of its own. */
function replaceMatrix(builder: GraphBuilder, uses: TargetMatch["uses"], values: Float32Array): TensorProto {
  const [matrix] = uses;
  if (isShared(builder, uses)) return replacePrivately(builder, { matrix, uses, values });
  const stored = matrix.orientation === "out_in" ? values : transposed(values, { rows: matrix.out, columns: matrix.in });
  return replaceStored(builder, matrix, stored);
}

/** Puts new values where the graph has the old ones, in the same orientation. */
function replaceStored(
  builder: GraphBuilder,
  { initializer, tensor }: Pick<Matrix, "initializer" | "tensor">,
  values: Float32Array,
): TensorProto {
  const { graph } = builder;
  const readers = graph.node.filter(({ input }) => input.includes(initializer));
  // A weight that is stored narrow and computed wide is written wide: rounding it again would lose the adapter's low bits.
  const widened =
    readers.length > 0 &&
    readers.every(({ opType, output }) => opType === "Cast" && elementType(graph, output[0] ?? "") === DataType.float32);
  const type = widened ? "float32" : dataTypeName(tensor.dataType);
  const dtype = STORED[type];
  if (dtype === undefined)
    throw new GraftError("ONNX_UNSUPPORTED", `Cannot merge into "${initializer}": its elements are ${type}`, {
      hint: "Attach the adapter instead, or use the float32 export",
    });
  const merged = rawTensor(initializer, { type, dims: tensor.dims.map(Number), bytes: fromFloat32(dtype, values) });
  const index = graph.initializer.findIndex(({ name }) => name === initializer);
  if (index >= 0) graph.initializer[index] = merged;
  else {
    // The weight of a Constant node: the initializer takes over its name.
    graph.node = graph.node.filter(({ opType, output }) => !(opType === "Constant" && output[0] === initializer));
    graph.initializer.push(merged);
  }
  return merged;
}

/** Gives the uses of one module a weight of their own where other modules share the stored one. `values` is [out, in]. */
function replacePrivately(builder: GraphBuilder, options: { matrix: Matrix; uses: readonly Matrix[]; values: Float32Array }): TensorProto {
  const { matrix, uses, values } = options;
  const name = builder.unique(`${matrix.module}.merged.weight`);
  const nodes = builder.graph.node.filter(({ output }) => uses.some((use) => use.output === output[0]));
  const place = matrix.operator === "Gather" ? 0 : 1;
  const seenAs = new Set(
    nodes.map(({ opType, attribute }) =>
      opType === "Conv" || (opType === "Gemm" && attribute.some((one) => one.name === "transB" && one.i === 1n)) ? "out_in" : "in_out",
    ),
  );
  if (seenAs.size !== 1 || elementType(builder.graph, nodes[0]?.input[place] ?? "") !== DataType.float32) {
    throw new GraftError("ONNX_UNSUPPORTED", `Cannot merge into "${matrix.module}": it shares its weight with another module`, {
      hint: "Attach the adapter instead",
    });
  }
  const turned = seenAs.has("in_out");
  const dims = matrix.tensor.dims.length > 2 ? matrix.tensor.dims.map(Number) : turned ? [matrix.in, matrix.out] : [matrix.out, matrix.in];
  for (const node of nodes) node.input[place] = name;
  return addInitializer(builder, floatTensor(name, dims, turned ? transposed(values, { rows: matrix.out, columns: matrix.in }) : values));
}

/** Puts a trained tensor in place of one of the base's. */
function replaceWhole(builder: GraphBuilder, { key, module, values }: { key: string; module: string; values: Float32Array }): TensorProto {
  const part = key.endsWith(".bias") ? "bias" : "weight";
  const place = namedWeights(builder.model).find((weight) => weight.part === part && sameModule(weight.module, module));
  if (place === undefined || values.length !== place.shape.reduce((product, size) => product * size, 1)) {
    throw new GraftError("BASE_MISMATCH", `Cannot put "${key}" into the model: it has no such tensor of this shape`, {
      hint: "Use the base named in the manifest",
      detail: { key },
    });
  }
  const [rows = 1, columns = 1] = place.shape;
  return replaceStored(
    builder,
    { initializer: place.tensor.name, tensor: place.tensor },
    place.transposed ? transposed(values, { rows, columns }) : values,
  );
}

function addInitializer(builder: GraphBuilder, tensor: TensorProto): TensorProto {
  builder.initializer(tensor);
  return tensor;
}
