import type { ModelProto } from "@graft/onnx";

/** Operators that came to mean something else between the two versions. */
const CHANGED: ReadonlySet<string> = new Set(["BatchNormalization", "RoiAlign"]);
/** The oldest that is raised: here axes became inputs. */
const FROM = 13n;
/** Scattering with addition came with this version. */
const TO = 16n;

/** Declares a later operator set for a graph that means the same in it, where the gradient of GatherElements needs one. */
export function raiseOpset(model: ModelProto): void {
  const operators = new Set(model.graph?.node.map(({ opType }) => opType));
  if (!operators.has("GatherElements") || [...CHANGED].some((name) => operators.has(name))) return;
  for (const entry of model.opsetImport)
    if ((entry.domain === "" || entry.domain === "ai.onnx") && entry.version >= FROM && entry.version < TO) entry.version = TO;
}
