import { floatAttribute, intAttribute, stringAttribute } from "../attributes.ts";
import { GraphBuilder } from "../builder.ts";
import type { ModelProto, NodeProto } from "../proto/onnx_pb.ts";
import { replaceInput } from "../rewrite.ts";
import { inferShapes } from "../shapes/infer.ts";
import { operatorName } from "../shapes/rules.ts";
import { DataType } from "../types.ts";
import { opsetVersion } from "../versions.ts";

/** What an expansion may look at. */
interface Context {
  readonly builder: GraphBuilder;
  /** Dimensions of a value. */
  readonly rank: (value: string) => number | undefined;
}

/** Writes a node in simpler operators and gives the values that stand for its outputs; undefined where it cannot. */
type Expansion = (context: Context, node: NodeProto) => readonly string[] | undefined;

/** Operators that can be written in simpler ones, which more devices have kernels for. */
const EXPANSIONS: Readonly<Record<string, Expansion>> = {
  "com.microsoft.FusedMatMul": ({ builder, rank }, node) => {
    const [a = "", b = ""] = node.input;
    const batched = intAttribute(node, "transBatchA", 0) + intAttribute(node, "transBatchB", 0);
    const [rankA, rankB] = [rank(a), rank(b)];
    if (batched > 0 || rankA === undefined || rankB === undefined) return undefined;
    const side = (value: string, { flag, size }: { flag: string; size: number }): string =>
      intAttribute(node, flag, 0) === 0 || size < 2
        ? value
        : builder.op("Transpose", [value], { name: `${node.name}/Transpose`, attributes: { perm: swapped(size) } });
    const product = builder.op("MatMul", [side(a, { flag: "transA", size: rankA }), side(b, { flag: "transB", size: rankB })], {
      name: `${node.name}/MatMul`,
    });
    const alpha = floatAttribute(node, "alpha", 1);
    return [alpha === 1 ? product : builder.op("Mul", [product, builder.float(alpha)], { name: `${node.name}/Mul` })];
  },
  LogSoftmax: (context, node) => logSoftmax(context, { x: node.input[0] ?? "", axis: intAttribute(node, "axis", -1), name: node.name }),
  OneHot: ({ builder, rank }, node) => {
    const [indices = "", depth = "", values = ""] = node.input;
    const axis = intAttribute(node, "axis", -1);
    const first = axis === 0 && rank(indices) === 1;
    if ((axis !== -1 && !first) || opsetVersion(builder.model) < 13) return undefined;
    const op = (opType: string, inputs: readonly string[], attributes: Record<string, number> = {}): string =>
      builder.op(opType, inputs, { name: `${node.name}/${opType}`, attributes });
    const whole = (value: string): string => op("Cast", [value], { to: DataType.int64 });
    const scalar = (value: string): string => op("Reshape", [value, builder.int([])]);
    const size = scalar(whole(depth));
    // A negative index counts from the end; of whole numbers, WebGPU compares those of 32 bits.
    const positive = op("Mod", [op("Add", [whole(indices), size]), size]);
    const narrow = (value: string): string => op("Cast", [value], { to: DataType.int32 });
    const range = narrow(op("Range", [builder.int(0), size, builder.int(1)]));
    const hot = first
      ? op("Equal", [narrow(positive), op("Unsqueeze", [range, builder.int([-1])])])
      : op("Equal", [narrow(op("Unsqueeze", [positive, builder.int([-1])])), range]);
    const value = (index: number): string => op("Gather", [values, builder.int(index)]);
    return [op("Where", [hot, value(1), value(0)])];
  },
  SoftmaxCrossEntropyLoss: (context, node) => {
    const { builder, rank } = context;
    const [logits = "", labels = "", weight = ""] = node.input;
    const plain = weight === "" && stringAttribute(node, "reduction", "mean") === "mean" && rank(logits) === 2;
    const logProbability = plain ? logSoftmax(context, { x: logits, axis: 1, name: node.name })?.[0] : undefined;
    if (logProbability === undefined) return undefined;
    const op = (opType: string, inputs: readonly string[], attributes: Record<string, number> = {}): string =>
      builder.op(opType, inputs, { name: `${node.name}/${opType}`, attributes });
    const ignored = op("Equal", [labels, builder.int(intAttribute(node, "ignore_index", -100))]);
    const row = builder.int([1]);
    const index = op("Unsqueeze", [op("Where", [ignored, builder.int(0), labels]), row]);
    const counts = op("Cast", [op("Not", [ignored])], { to: DataType.float32 });
    const picked = op("Mul", [op("Squeeze", [op("GatherElements", [logProbability, index], { axis: 1 }), row]), counts]);
    const total = (value: string): string => op("ReduceSum", [value], { keepdims: 0 });
    const loss = op("Neg", [op("Div", [total(picked), total(counts)])]);
    return [loss, logProbability];
  },
  Sign: ({ builder }, node) => {
    const [x = ""] = node.input;
    const side = (opType: string): string =>
      builder.op("Cast", [builder.op(opType, [x, builder.float(0)], { name: `${node.name}/${opType}` })], {
        name: `${node.name}/Cast`,
        attributes: { to: DataType.float32 },
      });
    return [builder.op("Sub", [side("Greater"), side("Less")], { name: `${node.name}/Sub` })];
  },
  Sum: ({ builder }, node) => [node.input.reduce((sum, value) => builder.op("Add", [sum, value], { name: `${node.name}/Add` }))],
};

/** Names of the operators that `lowerOperators` can write in simpler ones. */
export const LOWERED: readonly string[] = Object.keys(EXPANSIONS);

/** Writes nodes of some operators (all of LOWERED by default) in simpler ones, in place; what is computed stays the same. */
export function lowerOperators(model: ModelProto, operators: readonly string[] = LOWERED): void {
  const builder = new GraphBuilder(model);
  const types = inferShapes(model);
  const context: Context = { builder, rank: (value) => types.get(value)?.shape?.length };
  const { graph } = builder;
  const nodes = graph.node;
  const lowered: NodeProto[] = [];
  for (const node of nodes) {
    const name = operatorName(node);
    graph.node = [];
    const values = operators.includes(name) ? EXPANSIONS[name]?.(context, node) : undefined;
    const made = graph.node;
    if (values === undefined || made.length === 0) {
      lowered.push(node);
      continue;
    }
    // What others read keeps its name.
    for (const [index, value] of values.entries())
      if (node.output[index] !== undefined) rename(made, { from: value, to: node.output[index] });
    lowered.push(...made);
  }
  graph.node = lowered;
}

/** x − max − ln Σ exp(x − max): stable, and finite where Softmax and Log would give −∞. */
function logSoftmax({ builder }: Context, { x, axis, name }: { x: string; axis: number; name: string }): readonly string[] | undefined {
  const opset = opsetVersion(builder.model);
  if (opset < 13) return undefined;
  const axes = [axis];
  const most =
    opset >= 18
      ? builder.op("ReduceMax", [x, builder.int(axes)], { name: `${name}/ReduceMax` })
      : builder.op("ReduceMax", [x], { name: `${name}/ReduceMax`, attributes: { axes } });
  const shifted = builder.op("Sub", [x, most], { name: `${name}/Shift` });
  const sum = builder.op("ReduceSum", [builder.op("Exp", [shifted], { name: `${name}/Exp` }), builder.int(axes)], {
    name: `${name}/ReduceSum`,
  });
  return [builder.op("Sub", [shifted, builder.op("Log", [sum], { name: `${name}/Log` })], { name: `${name}/Sub` })];
}

function rename(nodes: readonly NodeProto[], { from, to }: { from: string; to: string }): void {
  for (const node of nodes) {
    replaceInput(node, from, to);
    node.output = node.output.map((name) => (name === from ? to : name));
  }
}

function swapped(rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
}
