import { intAttribute, intsAttribute } from "../attributes.ts";
import { DataType, type Dim } from "../types.ts";
import { sameAsInput } from "./elementwise.ts";
import { floorDivideDims, multiplyDims } from "./dim.ts";
import { freshShape, input, type Rule, type RuleContext } from "./rule.ts";
import type { ValueType } from "./value-type.ts";

/** Normalised embeddings, how many tokens each row has, and the sum before normalisation. */
const embedLayerNormalization: Rule = (context) => {
  const [ids, words] = [input(context, 0), input(context, 2)];
  const hidden = words.shape?.at(-1);
  const shape = ids.shape === undefined || hidden === undefined ? undefined : [...ids.shape, hidden];
  const rows = ids.shape === undefined ? undefined : ids.shape.slice(0, 1);
  return [
    { type: words.type, shape },
    { type: DataType.int32, shape: rows },
    { type: words.type, shape },
  ];
};

/** Self-attention whose query, key and value weights are one packed matrix. */
const attention: Rule = (context) => {
  const [data, weight] = [input(context, 0), input(context, 1)];
  const columns = weight.shape?.[1];
  const hidden =
    intsAttribute(context.node, "qkv_hidden_sizes")?.[2] ?? (columns === undefined ? context.fresh() : floorDivideDims(columns, 3));
  const shape = data.shape === undefined ? undefined : [...data.shape.slice(0, 2), hidden];
  return [
    { type: data.type, shape },
    { type: data.type, shape: freshShape(context, 5) },
  ];
};

/** The size that the heads of a value have together; it is not told apart where key and value are packed in one operand. */
function valueSize(context: RuleContext): Dim {
  const value = context.inputs[2]?.shape;
  if (value?.length === 4) return multiplyDims(value[1] as Dim, value[3] as Dim);
  return value?.[2] ?? context.fresh();
}

const multiHeadAttention: Rule = (context) => {
  const query = input(context, 0);
  const shape = query.shape === undefined ? undefined : [...query.shape.slice(0, 2), valueSize(context)];
  const present: ValueType = { type: query.type, shape: freshShape(context, 4) };
  return [{ type: query.type, shape }, present, present];
};

/** Query heads share the heads of keys and values; without a key all three are packed in the query. */
const groupQueryAttention: Rule = (context) => {
  const query = input(context, 0);
  const heads = intAttribute(context.node, "num_heads", 1);
  const shared = intAttribute(context.node, "kv_num_heads", 1);
  const packed = context.inputs[1] === undefined;
  const width = query.shape?.[2];
  const size = width === undefined ? context.fresh() : floorDivideDims(width, packed ? heads + 2 * shared : heads);
  const shape = query.shape === undefined ? undefined : [...query.shape.slice(0, 2), multiplyDims(size, heads)];
  const present: ValueType = { type: query.type, shape: [query.shape?.[0] ?? context.fresh(), shared, context.fresh(), size] };
  return [{ type: query.type, shape }, present, present];
};

/** What ONNX Runtime's optimiser and model builder make of several operators. */
export const FUSED: Readonly<Record<string, Rule>> = {
  "com.microsoft.Attention": attention,
  "com.microsoft.EmbedLayerNormalization": embedLayerNormalization,
  "com.microsoft.GroupQueryAttention": groupQueryAttention,
  "com.microsoft.MultiHeadAttention": multiHeadAttention,
  "com.microsoft.RotaryEmbedding": sameAsInput,
};
