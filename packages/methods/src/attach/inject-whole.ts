import { GraftError } from "@graft/error";
import type { Manifest } from "@graft/format";
import type { GraphBuilder } from "@graft/onnx";
import { sameModule } from "../match-targets.ts";
import { namedWeights } from "../named-weights.ts";
import { injectReplacements } from "../replacements.ts";

/** Makes the base's tensors that an adapter replaces inputs of the graph, under the adapter's keys. BASE_MISMATCH where one is not there. */
export function injectWhole(builder: GraphBuilder, manifest: Manifest): string[] {
  const wanted = manifest.tensors.filter(({ role }) => role === "replacement");
  if (wanted.length === 0) return [];
  const weights = namedWeights(builder.model);
  const trainables = wanted.map(({ key, shape, module, role }) => {
    const part = key.endsWith(".bias") ? "bias" : "weight";
    const place = weights.find((weight) => weight.part === part && sameModule(weight.module, module));
    if (place === undefined || place.shape.join() !== shape.join())
      throw new GraftError("BASE_MISMATCH", `Cannot put "${key}" into the model: it has no such tensor of this shape`, {
        hint: "Use the base named in the manifest",
        detail: { key },
      });
    return { key, shape, role, module, initializer: place.tensor.name };
  });
  injectReplacements(builder, trainables);
  return wanted.map(({ key }) => key);
}
