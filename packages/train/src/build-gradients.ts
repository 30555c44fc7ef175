import { appendGradients, type Rules } from "@graft/autodiff";
import { GraftError } from "@graft/error";
import { type GraphBuilder, recomputeFrozen } from "@graft/onnx";
import { LOSS_SCALE, narrowProducts, type Precision } from "./mixed-precision.ts";
import { buildForward, type ForwardOptions } from "./forward-graph.ts";
import { passesWithout } from "./passes.ts";

/** Forward pass, loss and gradients; outputs are for the caller to add. */
export interface GradientGraph {
  readonly builder: GraphBuilder;
  readonly loss: string;
  /** Gradient of each trainable, by key. */
  readonly gradients: ReadonlyMap<string, string>;
}

/** Builds the gradients of every trainable. With `share`, the name of a scalar input, the loss is multiplied with it. OPERATOR_WITHOUT_GRADIENT. */
export function buildGradients(options: ForwardOptions & { readonly share?: string; readonly precision?: Precision }): GradientGraph {
  const { builder, loss: mean } = buildForward({ ...options, training: true });
  const loss =
    options.share === undefined ? mean : builder.op("Mul", [mean, builder.input(options.share, "float32", [])], { name: "loss/share" });
  const mixed = options.precision === "mixed";
  const scaled = mixed ? builder.op("Mul", [loss, builder.float(LOSS_SCALE)], { name: "loss/scale" }) : loss;
  const keys = options.plan.trainables.map(({ key }) => key);
  const passes = passesWithout(options.without);
  const rules = Object.assign({}, ...passes.map((pass) => pass.rules)) as Rules;
  const gradients = appendGradients(builder, { loss: scaled, wrt: keys, rules });
  const untouched = keys.find((key) => !gradients.has(key));
  // One without a gradient would be called trained and stay as it is.
  if (untouched !== undefined) throw new GraftError("INTERNAL", `Cannot train "${untouched}": the loss does not depend on it`);
  const kept = new Set([loss, ...gradients.values()]);
  for (const { step } of passes) step?.(builder, kept);
  recomputeFrozen(builder);
  if (!mixed) return { builder, loss, gradients };
  narrowProducts(builder);
  const unscaled = [...gradients].map(([key, gradient]) => [key, builder.op("Mul", [gradient, builder.float(1 / LOSS_SCALE)])] as const);
  return { builder, loss, gradients: new Map(unscaled) };
}
