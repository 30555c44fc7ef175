import { floatAttribute, intAttribute } from "../attributes.ts";
import { DataType } from "../types.ts";
import type { LoweringContext } from "./lowering.ts";

/** What is added to the score of a hidden position where a node does not say: the default of ONNX Runtime's attention. */
const HIDDEN = -10_000;

/** Query, key and value [batch, sequence, width], and what is added to the scores. */
export interface AttentionParts {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  /** Width of a head of the query. */
  readonly headSize: number;
  readonly valueWidth: number;
  readonly added: readonly string[];
}

/** softmax(q · kᵀ · scale + added) · v under the name of the node's output. */
export function attendHeads({ node, builder }: LoweringContext, parts: AttentionParts): void {
  const heads = intAttribute(node, "num_heads", 1);
  const name = (opType: string): string => `${node.name}/${opType}`;
  const op = (opType: string, inputs: readonly string[], attributes: Record<string, number | readonly number[]> = {}): string =>
    builder.op(opType, inputs, { name: name(opType), attributes });
  const split = (value: string, size: number, perm: readonly number[]): string =>
    op("Transpose", [op("Reshape", [value, builder.int([0, 0, heads, size])])], { perm });
  const given = floatAttribute(node, "scale", 0);
  const scale = builder.float(given === 0 ? 1 / Math.sqrt(parts.headSize) : given);
  const query = split(op("Mul", [parts.query, scale]), parts.headSize, [0, 2, 1, 3]);
  const key = split(parts.key, parts.headSize, [0, 2, 3, 1]);
  const value = split(parts.value, parts.valueWidth / heads, [0, 2, 1, 3]);
  const scores = parts.added.reduce((sum, added) => op("Add", [sum, added]), op("MatMul", [query, key]));
  const context = op("Transpose", [op("MatMul", [op("Softmax", [scores], { axis: -1 }), value])], { perm: [0, 2, 1, 3] });
  builder.op("Reshape", [context, builder.int([0, 0, parts.valueWidth])], { name: name("Reshape"), outputs: [node.output[0] ?? ""] });
}

/**
 * What a mask adds to the scores, [batch, 1, queries or 1, keys]: of 1 for each position that is seen, or of how many positions
 * each row has, counted in `keys` [batch, sequence, width]. Undefined for other forms.
 */
export function maskPenalty(context: LoweringContext, { mask, keys }: { mask: string; keys: string }): string | undefined {
  const { node, builder, types } = context;
  const shape = types.get(mask)?.shape;
  const op = (opType: string, inputs: readonly string[], attributes: Record<string, number> = {}): string =>
    builder.op(opType, inputs, { name: `${node.name}/mask/${opType}`, attributes });
  let seen: string;
  if (shape?.length === 2 || shape?.length === 3) seen = op("Cast", [mask], { to: DataType.bool });
  else if (shape?.length === 1 && !/[*+]/.test(String(shape[0]))) {
    const length = op("Gather", [op("Shape", [keys]), builder.int(1)]);
    const line = op("Range", [builder.int(0), length, builder.int(1)]);
    seen = op("Less", [line, op("Unsqueeze", [op("Cast", [mask], { to: DataType.int64 }), builder.int([1])])]);
  } else return undefined;
  const kept = op("Unsqueeze", [op("Cast", [seen], { to: DataType.float32 }), builder.int(shape.length === 3 ? [1] : [1, 2])]);
  const penalty = builder.float(floatAttribute(node, "mask_filter_value", HIDDEN));
  return op("Mul", [op("Sub", [builder.float(1), kept]), penalty]);
}
