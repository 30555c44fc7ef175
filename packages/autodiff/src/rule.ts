import type { NodeProto } from "@graft/onnx";
import type { GradientOps } from "./gradient-ops.ts";

/** What a rule sees of the node that it differentiates. An absent optional input or output is "". */
export interface Step {
  readonly node: NodeProto;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The first input. */
  readonly x: string;
  /** The first input of an operator with two operands. */
  readonly a: string;
  /** The second input. */
  readonly b: string;
  /** The first output. */
  readonly y: string;
  /** Gradient of the loss with respect to `y`, in its shape. */
  readonly dy: string;
  /** Gradient with respect to an output, or undefined where the loss does not depend on it. */
  gradient(output: number): string | undefined;
}

/** Emits the gradient with respect to one input, in the input's shape. Called only where that gradient is needed. */
export type Backward = () => string;

/** For each input of a node how its gradient is made; null (or nothing) where there is none. */
export type Rule = (g: GradientOps, step: Step) => readonly (Backward | null)[];

/** Rows of the table: null says that an operator's outputs do not vary smoothly with its inputs. */
export type Rules = Readonly<Record<string, Rule | null>>;

/** For operators whose inputs broadcast: every result has the shape of the output and is summed back to its input's. */
export function broadcasting(rule: Rule): Rule {
  return (g, step) =>
    rule(g, step).map(
      (backward, index) => backward && (() => g.sumTo(backward(), { from: g.shape(step.y), to: step.inputs[index] ?? "" })),
    );
}

/** For operators of one input that act on each element: the rule gives dx. */
export function unary(rule: (g: GradientOps, step: Step) => string): Rule {
  return (g, step) => [() => rule(g, step)];
}

/** Computes a value that several results share, at most once. */
export function once(make: () => string): () => string {
  let value: string | undefined;
  return () => (value ??= make());
}
