import { DataType, matrices, type Matrix, type ModelProto, type TensorProto } from "@graft/onnx";

/** A float initializer whose place in the model is known. */
export interface NamedWeight {
  /** Path of its module in the base. */
  readonly module: string;
  readonly part: "weight" | "bias";
  /** As PEFT orients it: [out, in] for a linear layer. */
  readonly shape: readonly number[];
  /** Whether the base stores it the other way round. */
  readonly transposed: boolean;
  readonly tensor: TensorProto;
}

const FLOATS: ReadonlySet<number> = new Set([DataType.float32, DataType.float16, DataType.bfloat16, DataType.float64]);

/** The float initializers that the graph uses and whose module is known: matrices, biases, normalisations, embeddings. */
export function namedWeights(model: ModelProto): NamedWeight[] {
  const graph = model.graph;
  if (graph === undefined) return [];
  const found = matrices(model);
  const byInitializer = new Map(found.map((matrix) => [matrix.initializer, matrix]));
  const biases = new Map(found.flatMap(({ module, bias }) => (bias === undefined ? [] : [[bias.initializer, module] as const])));
  const used = new Set(graph.node.flatMap(({ input }) => input));
  return graph.initializer.flatMap((tensor) => {
    if (!FLOATS.has(tensor.dataType) || !used.has(tensor.name)) return [];
    const place = placeOf(tensor, { matrix: byInitializer.get(tensor.name), biasOf: biases.get(tensor.name) });
    return place === undefined ? [] : [{ ...place, tensor }];
  });
}

function placeOf(
  tensor: TensorProto,
  { matrix, biasOf }: { matrix: Matrix | undefined; biasOf: string | undefined },
): Omit<NamedWeight, "tensor"> | undefined {
  const shape = tensor.dims.map(Number);
  if (matrix !== undefined) {
    // A transposed convolution keeps its own order, [in, out, kernel…].
    const transposed = matrix.orientation === "in_out" && matrix.operator !== "Gather" && shape.length === 2;
    return { module: matrix.module, part: "weight", shape: transposed ? shape.toReversed() : shape, transposed };
  }
  if (biasOf !== undefined) return { module: biasOf, part: "bias", shape, transposed: false };
  const [, module, part] = /^(.+)\.(weight|bias)$/.exec(tensor.name) ?? [];
  if (module === undefined || part === undefined) return undefined;
  return { module, part: part as "weight" | "bias", shape, transposed: false };
}
