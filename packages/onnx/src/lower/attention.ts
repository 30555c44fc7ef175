import { intAttribute, intsAttribute } from "../attributes.ts";
import { tensorDims } from "../tensor-bytes.ts";
import { isFloat } from "../weights.ts";
import { attendHeads, maskPenalty } from "./heads.ts";
import type { Lowering, LoweringContext } from "./lowering.ts";
import { unpack } from "./packed.ts";

type Names = readonly [query: string, key: string, value: string];

/** What the three projections are called beside the one that reads their result, by the end of its module. */
const NAMES: readonly [output: string, projections: Names][] = [
  ["attention.output.dense", ["attention.self.query", "attention.self.key", "attention.self.value"]],
  ["attention.out_lin", ["attention.q_lin", "attention.k_lin", "attention.v_lin"]],
  ["o_proj", ["q_proj", "k_proj", "v_proj"]],
  ["out_proj", ["q_proj", "k_proj", "v_proj"]],
];

/** Forms of attention that are not an encoder's. */
const OTHER = ["unidirectional", "do_rotary", "past_present_share_buffer"];

/** Attention over one packed weight [width, query + key + value]. */
export const lowerAttention: Lowering = async (context) => {
  const { node, builder, index, weights } = context;
  const [input = "", weight = "", bias = "", mask = "", past = "", added = "", pastLength = ""] = node.input;
  const [matrix, vector] = [index.constant(weight), index.constant(bias)];
  if (matrix === undefined || !isFloat(matrix) || (bias !== "" && vector === undefined)) return false;
  if (past !== "" || pastLength !== "" || (node.output[1] ?? "") !== "" || OTHER.some((flag) => intAttribute(node, flag, 0) !== 0))
    return false;
  const columns = tensorDims(matrix)[1] ?? 0;
  const sizes = intsAttribute(node, "qkv_hidden_sizes") ?? [columns / 3, columns / 3, columns / 3];
  const [width = 0, keyWidth, valueWidth = 0] = sizes;
  const heads = intAttribute(node, "num_heads", 1);
  if (sizes.length !== 3 || width !== keyWidth || 2 * width + valueWidth !== columns || width % heads !== 0 || valueWidth % heads !== 0)
    return false;
  const penalty = mask === "" ? undefined : maskPenalty(context, { mask, keys: input });
  if (mask !== "" && penalty === undefined) return false;

  const names = projectionNames(context);
  const parts: string[] = [];
  let from = 0;
  for (const [place, module] of names.entries()) {
    const to = from + (sizes[place] ?? 0);
    const scope = `/${module.replaceAll(/\.(?!\d)/g, "/")}`;
    const part = builder.initializer(await unpack(matrix, { name: builder.unique(`${module}.weight`), from, to, weights }));
    const product = builder.op("MatMul", [input, part], { name: `${scope}/MatMul` });
    const shift = vector && builder.initializer(await unpack(vector, { name: builder.unique(`${module}.bias`), from, to, weights }));
    parts.push(shift === undefined ? product : builder.op("Add", [product, shift], { name: `${scope}/Add` }));
    from = to;
  }
  const [query = "", key = "", value = ""] = parts;
  const sums = [...(penalty === undefined ? [] : [penalty]), ...(added === "" ? [] : [added])];
  attendHeads(context, { query, key, value, headSize: width / heads, valueWidth, added: sums });
  return true;
};

/** The names that the projections had before they were packed, told by the module that reads the attention's result. */
function projectionNames({ node, matrices }: LoweringContext): Names {
  const output = matrices.find(({ input }) => input === node.output[0])?.module ?? "";
  const row = NAMES.find(([end]) => output === end || output.endsWith(`.${end}`));
  if (row === undefined) return [`${node.name}.query`, `${node.name}.key`, `${node.name}.value`];
  const [end, names] = row;
  const stem = output.slice(0, output.length - end.length);
  return [stem + names[0], stem + names[1], stem + names[2]];
}
