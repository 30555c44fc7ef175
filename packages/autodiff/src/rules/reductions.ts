import { intAttribute, intsAttribute } from "@graft/onnx";
import type { GradientOps } from "../gradient-ops.ts";
import type { Rule, Rules, Step } from "../rule.ts";

/** A value of the output's shape, with the axes that the reduction dropped put back as axes of size 1, or a scalar. */
function withAxes(g: GradientOps, { value, step }: { value: string; step: Step }): string {
  const { node, inputs } = step;
  if (intAttribute(node, "keepdims", 1) === 1) return value;
  const listed = intsAttribute(node, "axes") ?? g.known(inputs[1]);
  if (listed !== undefined) return g.unsqueeze(value, listed);
  return inputs[1] === undefined || inputs[1] === "" ? value : g.op("Unsqueeze", [value, inputs[1]]);
}

/** A value of the output's shape, repeated to the shape of the input. */
const stretch = (g: GradientOps, { value, step }: { value: string; step: Step }): string =>
  g.op("Expand", [withAxes(g, { value, step }), g.shapeOf(step.x)]);

const reduceMean: Rule = (g, step) => [
  () => {
    const { x, y, dy } = step;
    const sizes = [g.op("Size", [x]), g.op("Size", [y])] as const;
    return stretch(g, { value: g.div(dy, g.cast(g.div(...sizes), g.type(x))), step });
  },
];

/** Sums and means over axes. */
export const REDUCTIONS: Rules = {
  ReduceSum: (g, step) => [() => stretch(g, { value: step.dy, step })],
  ReduceMean: reduceMean,
  ReduceL2: (g, step) => [() => g.mul(step.x, withAxes(g, { value: g.div(step.dy, step.y), step }))],
};
