import { type AttributeValue, createModel, type Dim, floatTensor, GraphBuilder, type ModelProto, rawTensor } from "@graft/onnx";
import * as ort from "onnxruntime-node";
import type { Feeds } from "../observe.ts";

/** What the symbols in the cases stand for when a graph runs. */
export const SYMBOLS = { batch: 2, sequence: 3, past: 4, height: 9 } as const;

/** A graph input; its values are small and fit as indices. */
interface InputSpec {
  readonly type: "float32" | "int64" | "bool" | "uint8" | "int32";
  readonly shape: readonly Dim[];
  /** Elements to run with instead of the usual ones. */
  readonly values?: readonly number[];
}

/** An operand: an input, an int64 constant, a float constant, a packed uint8 constant, the shape of an earlier operand, or nothing. */
type Operand =
  | InputSpec
  | number
  | readonly number[]
  | { readonly floats: readonly number[]; readonly dims: readonly number[] }
  | { readonly bytes: number; readonly dims: readonly number[] }
  | { readonly shapeOf: number }
  | undefined;

/** One node to foretell and to run. */
export interface Case {
  readonly inputs: readonly Operand[];
  readonly attributes?: Readonly<Record<string, AttributeValue | undefined>>;
  readonly outputs?: number;
  readonly opset?: number;
  /** Only a run can tell a size of the result. */
  readonly open?: true;
}

/** A float input. */
export const floats = (...shape: readonly Dim[]): InputSpec => ({ type: "float32", shape });
/** An int64 input of zeros and ones. */
export const ints = (...shape: readonly Dim[]): InputSpec => ({ type: "int64", shape });
/** A bool input. */
export const bools = (...shape: readonly Dim[]): InputSpec => ({ type: "bool", shape });

const ROUNDS = { float32: Float32Array, int64: BigInt64Array, bool: Uint8Array, uint8: Uint8Array, int32: Int32Array };

/** The model of a case and the feeds to run it with. */
export function buildCase(operator: string, spec: Case): { model: ModelProto; feeds: Feeds } {
  const model = createModel({ name: operator, opset: spec.opset ?? 18, irVersion: spec.opset !== undefined && spec.opset > 21 ? 11 : 10 });
  const builder = new GraphBuilder(model);
  const feeds: Record<string, ort.Tensor> = {};
  const names: string[] = [];
  for (const operand of spec.inputs) names.push(operandName(builder, operand, { names, feeds }));
  const [opType = "", ...domain] = operator.split(".").reverse();
  builder.ops(opType, names, { attributes: spec.attributes ?? {}, domain: domain.reverse().join("."), outputs: spec.outputs ?? 1 });
  return { model, feeds };
}

function operandName(
  builder: GraphBuilder,
  operand: Operand,
  made: { names: readonly string[]; feeds: Record<string, ort.Tensor> },
): string {
  if (operand === undefined) return "";
  if (typeof operand === "number" || Array.isArray(operand)) return builder.int(operand as number | number[]);
  if ("shapeOf" in operand) return builder.op("Shape", [made.names[operand.shapeOf] ?? ""]);
  if ("floats" in operand) return builder.initializer(floatTensor(builder.unique("weight"), operand.dims, operand.floats));
  if ("bytes" in operand)
    return builder.initializer(
      rawTensor(builder.unique("packed"), {
        type: "uint8",
        dims: operand.dims,
        bytes: new Uint8Array(operand.dims.reduce((a, b) => a * b, 1)).fill(operand.bytes),
      }),
    );
  const { type, shape, values } = operand as InputSpec;
  const name = builder.input(builder.unique("input"), type, shape);
  made.feeds[name] = sample(
    type,
    shape.map((dim) => (typeof dim === "number" ? dim : SYMBOLS[dim as keyof typeof SYMBOLS])),
    values,
  );
  return name;
}

function sample(type: InputSpec["type"], dims: readonly number[], given?: readonly number[]): ort.Tensor {
  const size = dims.reduce((a, b) => a * b, 1);
  const values = given ?? Array.from({ length: size }, (_, index) => (type === "float32" ? 0.25 + (index % 7) / 10 : index % 2));
  const data = type === "int64" ? BigInt64Array.from(values, BigInt) : ROUNDS[type].from(values as never);
  return new ort.Tensor(type, data as never, dims);
}
