import { intAttribute } from "../attributes.ts";
import { tensorDims } from "../tensor-bytes.ts";
import { attendHeads, maskPenalty } from "./heads.ts";
import type { Lowering } from "./lowering.ts";
import { unpack } from "./packed.ts";

/** Attention over query, key and value that are projected already, with one packed bias. */
export const lowerMultiHeadAttention: Lowering = async (context) => {
  const { node, builder, index, types, weights } = context;
  const [query = "", key = "", value = "", bias = "", mask = "", added = "", ...past] = node.input;
  const widths = [query, key, value].map((part) => types.get(part)?.shape).map((shape) => (shape?.length === 3 ? shape[2] : undefined));
  const [width, keyWidth, valueWidth] = widths;
  const heads = intAttribute(node, "num_heads", 1);
  const vector = index.constant(bias);
  if (typeof width !== "number" || width !== keyWidth || typeof valueWidth !== "number" || width % heads !== 0 || valueWidth % heads !== 0)
    return false;
  if (past.some((name) => name !== "") || node.output.slice(1).some((name) => name !== "") || intAttribute(node, "unidirectional", 0) !== 0)
    return false;
  if (bias !== "" && (vector === undefined || tensorDims(vector)[0] !== 2 * width + valueWidth)) return false;
  const penalty = mask === "" ? undefined : maskPenalty(context, { mask, keys: key });
  if (mask !== "" && penalty === undefined) return false;

  const parts: string[] = [];
  let from = 0;
  for (const [place, part] of [query, key, value].entries()) {
    const to = from + Number(widths[place]);
    const shift = vector && builder.initializer(await unpack(vector, { name: builder.unique(`${node.name}.bias`), from, to, weights }));
    parts.push(shift === undefined ? part : builder.op("Add", [part, shift], { name: `${node.name}/Add` }));
    from = to;
  }
  const [q = "", k = "", v = ""] = parts;
  const sums = [...(penalty === undefined ? [] : [penalty]), ...(added === "" ? [] : [added])];
  attendHeads(context, { query: q, key: k, value: v, headSize: width / heads, valueWidth, added: sums });
  return true;
};
