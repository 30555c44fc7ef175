import { GraftError } from "@graft/error";
import { GraphBuilder } from "../builder.ts";
import { cloneModel } from "../codec.ts";
import type { Matrix } from "../matrices/matrices.ts";
import { weightInputs } from "../matrices/operators.ts";
import type { ModelProto } from "../proto/onnx_pb.ts";
import { pruneModel } from "../prune.ts";
import { sortTopologically } from "../sort.ts";
import { floatTensor, rawTensor } from "../tensor.ts";
import { DataType } from "../types.ts";
import { opsetVersion } from "../versions.ts";
import { floatValues, type Weights } from "../weights.ts";
import { NF4 } from "./packed-product.ts";
import { quantiseMatrix, type QuantisedForm } from "./quantise-matrix.ts";

/** 4-bit types came with this operator set and this IR. */
const FOUR_BITS = { opset: 21, ir: 10n } as const;
/** From here to there no operator of a transformer changed its meaning. */
const SAME_SINCE = 18;

/**
 * A copy of a model in which some matrices are stored as codes and unpacked in the graph, in ONNX's own operators. The new tensors
 * stand inline; everything else stays where it is. ONNX_UNSUPPORTED for a 4-bit form of a graph of an older operator set.
 */
export async function quantiseModel(
  base: { readonly model: ModelProto; readonly weights: Weights },
  options: { readonly matrices: readonly Matrix[]; readonly to: QuantisedForm },
): Promise<ModelProto> {
  const { matrices, to } = options;
  const model = cloneModel(base.model);
  if (to !== "int8") raiseOpset(model);
  const builder = new GraphBuilder(model);
  const done = new Map<string, string>();
  for (const matrix of matrices) {
    const node = builder.graph.node.find(({ output }) => output[0] === matrix.output);
    const use = weightInputs(matrix.node)[0];
    if (node === undefined || use === undefined || matrix.quantised === true) continue;
    const key = `${matrix.initializer} ${use.orientation}`;
    const value = done.get(key) ?? (await stored(builder, matrix, { orientation: use.orientation, weights: base.weights, to }));
    done.set(key, value);
    node.input[use.weight] = value;
  }
  pruneModel(model);
  sortTopologically(builder.graph);
  return model;
}

function raiseOpset(model: ModelProto): void {
  const found = opsetVersion(model);
  if (found < SAME_SINCE)
    throw new GraftError(
      "ONNX_UNSUPPORTED",
      `Cannot store 4-bit weights: the model has operator set ${found}, want at least ${SAME_SINCE}`,
      {
        hint: "Take the checkpoint folder, export for a newer operator set, or take int8",
      },
    );
  for (const entry of model.opsetImport)
    if (entry.domain === "" && entry.version < BigInt(FOUR_BITS.opset)) entry.version = BigInt(FOUR_BITS.opset);
  if (model.irVersion < FOUR_BITS.ir) model.irVersion = FOUR_BITS.ir;
}

/** Adds the codes, and what unpacks them to the weight as its operator reads it. */
async function stored(
  builder: GraphBuilder,
  matrix: Matrix,
  options: { orientation: "in_out" | "out_in"; weights: Weights; to: QuantisedForm },
): Promise<string> {
  const { orientation, weights, to } = options;
  const axis = orientation === "in_out" ? 0 : 1;
  const dims: readonly [number, number] = axis === 0 ? [matrix.in, matrix.out] : [matrix.out, matrix.in];
  const values = await floatValues(matrix.tensor, weights);
  const { codes, scales, block } = quantiseMatrix(matrix.orientation === orientation ? values : turned(values, dims), {
    form: to,
    dims,
    axis,
  });
  const blocks = dims[axis] / block;
  const stem = `${matrix.module}.weight`;
  const type = { int8: "int8", int4: "int4", nf4: "uint4" } as const;
  const packed = builder.initializer(rawTensor(builder.unique(`${stem}_quantized`), { type: type[to], dims, bytes: codes }));
  const scaleDims = to === "int8" ? [dims[1 - axis] ?? 1] : axis === 0 ? [blocks, dims[1]] : [dims[0], blocks];
  const op = (opType: string, inputs: readonly string[], attributes: Readonly<Record<string, number>> = {}): string =>
    builder.op(opType, inputs, { name: `/${stem}/${opType}`, attributes });
  if (to !== "nf4") {
    const scale = builder.initializer(floatTensor(builder.unique(`${stem}_scale`), scaleDims, scales));
    return op("DequantizeLinear", [packed, scale], to === "int8" ? { axis: 1 - axis } : { axis, block_size: block });
  }
  const spread = axis === 0 ? [blocks, 1, dims[1]] : [dims[0], blocks, 1];
  const scale = builder.initializer(floatTensor(builder.unique(`${stem}_scale`), spread, scales));
  const numbers = op("Cast", [op("DequantizeLinear", [packed, builder.float(1)])], { to: DataType.int32 });
  const normal = op("Gather", [builder.float(NF4), numbers], { axis: 0 });
  const inBlocks = op("Reshape", [normal, builder.int(axis === 0 ? [blocks, block, dims[1]] : [dims[0], blocks, block])]);
  return op("Reshape", [op("Mul", [inBlocks, scale]), builder.int(dims)]);
}

/** A matrix as [rows, columns] of one that lies as [columns, rows]. */
function turned(values: Float32Array, [rows, columns]: readonly [number, number]): Float32Array {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) result[row * columns + column] = values[column * rows + row] as number;
  return result;
}
