import { type GradientOps, GRADIENTS, type Rule } from "@graft/autodiff";
import { stringAttribute } from "@graft/onnx";
import type { Pass } from "./pass.ts";

/** ln(2 / √π): inside the exponential it costs no pass of its own. */
const LOG_TWO_OVER_ROOT_PI = Math.log(2 / Math.sqrt(Math.PI));

/**
 * dy · (Φ(x) + x·φ(x)) as ½dy · (1 + erf z + z · 2/√π · e^(−z²)) with z = x/√2: nine passes over the wide layer instead of eleven,
 * most of them in place. ONNX Runtime folds the half into the product that dy comes from.
 */
function exactGelu(g: GradientOps, { x, dy }: { x: string; dy: string }): string {
  const z = g.scale(x, Math.SQRT1_2, x);
  const density = g.exp(g.sub(g.constant(LOG_TWO_OVER_ROOT_PI, x), g.mul(z, z)));
  const slope = g.add(g.add(g.mul(density, z), g.op("Erf", [z])), g.constant(1, x));
  return g.mul(slope, g.scale(dy, 0.5, x));
}

const gelu =
  (general: Rule): Rule =>
  (g, step) =>
    stringAttribute(step.node, "approximate", "none") === "none" ? [() => exactGelu(g, { x: step.x, dy: step.dy })] : general(g, step);

/** The slope of GELU in fewer passes over the widest tensor of a layer. */
export const geluSlope: Pass = {
  about: "the slope of GELU in fewer passes over the wide layer",
  rules: Object.fromEntries(
    ["Gelu", "com.microsoft.Gelu"].flatMap((name) => {
      const general = GRADIENTS[name];
      return general === undefined || general === null ? [] : [[name, gelu(general)]];
    }),
  ),
};
