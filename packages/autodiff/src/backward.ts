import { type GraphBuilder, inferShapes, type NodeProto, sortTopologically, type ValueType } from "@graft/onnx";
import { operatorKey, withoutGradient } from "./errors.ts";
import { GradientOps } from "./gradient-ops.ts";
import { GRADIENTS } from "./gradients.ts";
import { findPath } from "./path.ts";
import { raiseOpset } from "./raise-opset.ts";
import type { Rules, Step } from "./rule.ts";

/** What to differentiate: a scalar value, with respect to values of the graph. */
export interface GradientOptions {
  /** Name of a scalar. */
  readonly loss: string;
  /** Names of graph inputs, initializers or values between them and the loss. */
  readonly wrt: readonly string[];
  /** Types of the graph's values; inferred when left out. */
  readonly types?: ReadonlyMap<string, ValueType>;
  /** Rules instead of those of the table, by operator; their results must be the same within rounding. */
  readonly rules?: Rules;
}

/**
 * Appends the nodes that compute gradients, by one walk from the loss back to the `wrt` values, and gives the name of each gradient,
 * which has its value's shape. A value that the loss does not depend on is missing from the result.
 * Throws OPERATOR_WITHOUT_GRADIENT.
 */
export function appendGradients(builder: GraphBuilder, options: GradientOptions): Map<string, string> {
  // Injected nodes stand behind those that read them; inference, and other readers of the file, want them in order.
  sortTopologically(builder.graph);
  raiseOpset(builder.model);
  const types = options.types ?? inferShapes(builder.model);
  const { nodes, varying, ...links } = findPath(builder.graph, { ...options, types });
  const last = links.producers.get(options.loss);
  const parts = new Map<string, string[]>();
  if (last === undefined || !varying.has(options.loss)) return new Map();

  /** The gradient of a value, once every node that reads it has been passed. */
  const total = (value: string): string | undefined => {
    const summands = parts.get(value);
    if (summands === undefined) return undefined;
    const sum = summands.reduce((left, right) => g.add(left, right));
    parts.set(value, [sum]);
    return sum;
  };

  const g = new GradientOps(builder, { ...links, types, node: last, gradientOf: total });
  const one = g.constant(1, options.loss);
  parts.set(options.loss, [g.shape(options.loss)?.length === 0 ? one : g.op("Expand", [one, g.shapeOf(options.loss)])]);

  for (const node of nodes.toReversed()) {
    g.node = node;
    const gradients = node.output.map(total);
    if (gradients.every((gradient) => gradient === undefined)) continue;
    const { step, unread } = stepOf(node, { gradients, g });
    const rule = options.rules?.[operatorKey(node)] ?? GRADIENTS[operatorKey(node)];
    if (rule === undefined || rule === null) throw withoutGradient(node);
    const results = rule(g, step);
    for (const [index, input] of step.inputs.entries()) {
      if (!varying.has(input)) continue;
      const gradient = results[index]?.();
      if (gradient === undefined) throw withoutGradient(node, `has no gradient rule for its input ${index}`);
      const known = parts.get(input);
      if (known === undefined) parts.set(input, [gradient]);
      else known.push(gradient);
    }
    if (unread.size > 0) throw withoutGradient(node, `has no gradient rule for its output ${[...unread].join(", ")}`);
  }
  return new Map(
    options.wrt.flatMap((value) => {
      const gradient = total(value);
      return gradient === undefined ? [] : [[value, gradient] as const];
    }),
  );
}

/** What a rule sees of a node, and which gradients it has not asked for: to pass over one in silence would give a wrong answer. */
function stepOf(
  node: NodeProto,
  { gradients, g }: { gradients: readonly (string | undefined)[]; g: GradientOps },
): { step: Step; unread: Set<number> } {
  const unread = new Set(gradients.flatMap((gradient, index) => (gradient === undefined ? [] : [index])));
  const [inputs, outputs] = [[...node.input], [...node.output]];
  const [x = "", b = ""] = inputs;
  const y = outputs[0] ?? "";
  const gradient = (output: number): string | undefined => {
    unread.delete(output);
    return gradients[output];
  };
  const step: Step = {
    node,
    inputs,
    outputs,
    gradient,
    x,
    a: x,
    b,
    y,
    get dy() {
      return gradient(0) ?? g.zerosLike(y);
    },
  };
  return { step, unread };
}
