import { GraphIndex } from "../graph-index.ts";
import type { ModelProto, NodeProto, TensorProto } from "../proto/onnx_pb.ts";
import { tensorDims } from "../tensor-bytes.ts";
import { isFloat } from "../weights.ts";
import { frozenValue } from "../quantised/frozen-value.ts";
import { integerProduct } from "../quantised/integer-product.ts";
import { packedWeight } from "../quantised/packed-product.ts";
import { standIn } from "../quantised/stand-in.ts";
import { beneathTransposes, type ConstantPath, constantPath } from "./constant-path.ts";
import { moduleName, type NameClues, parameterModule } from "./module-name.ts";
import { type WeightInput, weightInputs } from "./operators.ts";

/** A weight matrix where one operator uses it: y = x · W, or a row of an embedding table. A shared weight appears once per use. */
export interface Matrix {
  /** Name of the stored tensor. */
  readonly initializer: string;
  readonly tensor: TensorProto;
  /** The stored tensor holds codes: `tensor` then is a float32 stand-in for what they mean, which `floatValues` reads. */
  readonly quantised?: true;
  /** Path of the module it belongs to: "encoder.layer.0.attention.self.query". */
  readonly module: string;
  readonly node: NodeProto;
  /** "MatMul", "Gemm", "Gather" (an embedding), "Conv", … */
  readonly operator: string;
  /** How the stored tensor lies. Of one with more dimensions, the first is `out` (of a ConvTranspose `in`) and the rest the other. */
  readonly orientation: "in_out" | "out_in";
  readonly in: number;
  readonly out: number;
  /** The value that it is applied to; empty where that is not one value. */
  readonly input: string;
  /** The value that it gives, before a bias that is added by a node of its own. */
  readonly output: string;
  /** The vector added to `output`, by the operator itself or by an `Add` after it. */
  readonly bias?: { readonly initializer: string; readonly module: string };
}

/** The float weight matrices of a model, in graph order; those inside subgraphs are not looked at. */
export function matrices(model: ModelProto): Matrix[] {
  if (model.graph === undefined) return [];
  const index = new GraphIndex(model.graph);
  const found = index.nodes.flatMap(
    (node) => integerMatrix(index, node) ?? weightInputs(node).flatMap((use) => matrixOf(index, node, use) ?? []),
  );
  const uses = Map.groupBy(found, ({ initializer }) => initializer);
  return found.map(({ clues, ...matrix }) => {
    const { bias, ...others } = clues;
    // Exporters store equal vectors once: all biases of a model that was never trained. One that others use too names nothing.
    const shared = bias !== undefined && index.consumers(bias).length > (uses.get(matrix.initializer)?.length ?? 0);
    return { ...matrix, module: moduleName(shared ? others : clues) };
  });
}

/** A matrix before all that its name depends on is known. */
type Unnamed = Omit<Matrix, "module"> & { readonly clues: NameClues };

/** A weight: what its values are read from, and what is stored. */
interface WeightPath extends ConstantPath {
  readonly stored: TensorProto;
  /** What the weight is called where its codes are called otherwise. */
  readonly name?: string;
  readonly quantised?: true;
}

/** What quantisers put behind the name of a weight, for its codes and for what they mean. */
const CODES = /_(q|quantized|DequantizeLinear_Output|dequantized|cast|mul|f|Bnb4)$/;

function weightPath(index: GraphIndex, node: NodeProto, value: string): WeightPath | undefined {
  const path = constantPath(index, value);
  if (path !== undefined && isFloat(path.tensor)) return { ...path, stored: path.tensor };
  const packed = packedWeight(index, node);
  if (packed !== undefined && index.constant(value) === packed.packed)
    return {
      tensor: standIn(packed.packed.name, packed),
      transposed: false,
      stored: packed.packed,
      name: packed.packed.name.replace(CODES, ""),
      quantised: true,
    };
  const { inner, transposed } = beneathTransposes(index, value);
  const frozen = frozenValue(index, inner);
  if (frozen === undefined) return undefined;
  // Of names without a dot only a parameter's own says anything.
  const [own = "", ...others] = [frozen.packed.name, frozen.value].map((called) => called.replace(CODES, ""));
  const name = [own, ...others.filter((called) => called.includes("."))].find((called) => parameterModule(called) !== undefined) ?? own;
  return { tensor: standIn(frozen.packed.name, frozen), transposed, stored: frozen.packed, name, quantised: true };
}

function matrixOf(index: GraphIndex, node: NodeProto, use: WeightInput): Unnamed | undefined {
  const path = weightPath(index, node, node.input[use.weight] ?? "");
  if (path === undefined) return undefined;
  const dims = tensorDims(path.tensor);
  const rank = use.rank ?? { least: 2, most: 2 };
  if (dims.length < rank.least || dims.length > rank.most || dims.includes(0) || (path.transposed && dims.length > 2)) return undefined;
  const first = dims[0] ?? 0;
  const rest = dims.slice(1).reduce((product, dim) => product * dim, 1);
  const orientation = path.transposed === (use.orientation === "in_out") ? "out_in" : "in_out";
  const size = orientation === "in_out" ? { in: first, out: rest } : { in: rest, out: first };
  const output = node.output[0] ?? "";
  const bias = use.bias === undefined ? addedVector(index, output, size.out) : vector(index, node.input[use.bias] ?? "", size.out);
  const { stored, quantised = false } = path;
  const initializer = stored.name === "" ? (node.input[use.weight] ?? "") : stored.name;
  return {
    initializer,
    tensor: path.tensor,
    clues: { initializer: path.name ?? initializer, node, ...(bias === undefined ? {} : { bias }) },
    node,
    ...(quantised ? { quantised } : {}),
    operator: node.opType,
    orientation,
    ...size,
    input: use.input === undefined ? "" : (node.input[use.input] ?? ""),
    output,
    ...(bias === undefined ? {} : { bias: { initializer: bias, module: parameterModule(bias) ?? bias } }),
  };
}

/** The weight of a product of codes, with the float values before and behind it for its own. */
function integerMatrix(index: GraphIndex, node: NodeProto): Unnamed | undefined {
  const product = integerProduct(index, node);
  if (product === undefined) return undefined;
  const { packed, input, output, dims } = product;
  const initializer = packed.name;
  const bias = addedVector(index, output, dims[1]);
  return {
    initializer,
    tensor: standIn(initializer, product),
    clues: { initializer: initializer.replace(CODES, ""), node, ...(bias === undefined ? {} : { bias }) },
    node,
    quantised: true,
    operator: node.opType,
    orientation: "in_out",
    in: dims[0],
    out: dims[1],
    input,
    output,
    ...(bias === undefined ? {} : { bias: { initializer: bias, module: parameterModule(bias) ?? bias } }),
  };
}

/** Name of the constant vector that an `Add` after a value adds to it. */
function addedVector(index: GraphIndex, value: string, size: number): string | undefined {
  for (const { node, input } of index.consumers(value)) {
    if (node.opType !== "Add") continue;
    const name = vector(index, node.input[1 - input] ?? "", size);
    if (name !== undefined) return name;
  }
  return undefined;
}

function vector(index: GraphIndex, value: string, size: number): string | undefined {
  const tensor = constantPath(index, value)?.tensor;
  if (tensor === undefined || !isFloat(tensor)) return undefined;
  const dims = tensorDims(tensor);
  return dims.at(-1) === size && dims.reduce((product, dim) => product * dim, 1) === size ? tensor.name || value : undefined;
}
