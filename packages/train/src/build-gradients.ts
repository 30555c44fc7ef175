import { appendGradients } from "@graft/autodiff";
import { GraftError } from "@graft/error";
import type { GraphBuilder } from "@graft/onnx";
import { buildForward, type ForwardOptions } from "./forward-graph.ts";

/** Forward pass, loss and gradients; outputs are for the caller to add. */
export interface GradientGraph {
  readonly builder: GraphBuilder;
  readonly loss: string;
  /** Gradient of each trainable, by key. */
  readonly gradients: ReadonlyMap<string, string>;
}

/** Builds the gradients of every trainable. With `share`, the name of a scalar input, the loss is multiplied with it. OPERATOR_WITHOUT_GRADIENT. */
export function buildGradients(options: ForwardOptions & { readonly share?: string }): GradientGraph {
  const { builder, loss: mean } = buildForward(options);
  const loss =
    options.share === undefined ? mean : builder.op("Mul", [mean, builder.input(options.share, "float32", [])], { name: "loss/share" });
  const keys = options.plan.trainables.map(({ key }) => key);
  const gradients = appendGradients(builder, { loss, wrt: keys });
  const untouched = keys.find((key) => !gradients.has(key));
  // One without a gradient would be called trained and stay as it is.
  if (untouched !== undefined) throw new GraftError("INTERNAL", `Cannot train "${untouched}": the loss does not depend on it`);
  return { builder, loss, gradients };
}
