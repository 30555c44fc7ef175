import { GraftError } from "@graft/error";
import type { ModelProto } from "./proto/onnx_pb.ts";

/** What Graft reads and writes. */
export const VERSIONS = {
  /** 3 is the first IR that a released exporter wrote; 13 belongs to the schema that this package is generated from. */
  ir: { oldest: 3, newest: 13 },
  /** 9 is the oldest operator set of a transformer's export in use; 26 belongs to the same schema. */
  opset: { oldest: 9, newest: 26 },
} as const;

/** Operator sets whose meaning is known. A model's own functions may live in others. */
const DOMAINS = new Set([
  "",
  "ai.onnx",
  "com.microsoft",
  "ai.onnx.ml",
  "com.ms.internal.nhwc",
  "com.microsoft.nchwc",
  "com.microsoft.experimental",
  "pkg.onnxscript.torch_lib",
  "pkg.torch.onnx",
]);

/** Version of the default operator set that a model imports. ONNX_INVALID when it imports none. */
export function opsetVersion(model: ModelProto): number {
  const found = model.opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx");
  if (found === undefined)
    throw new GraftError("ONNX_INVALID", "Cannot use the model: it does not say which operator set it is written in");
  return Number(found.version);
}

/** Refuses a model whose IR or operator set Graft does not know: ONNX_UNSUPPORTED names what it has and what was wanted. */
export function checkVersions(model: ModelProto): void {
  refuse("IR version", Number(model.irVersion), VERSIONS.ir);
  refuse("operator set", opsetVersion(model), VERSIONS.opset);
  const own = new Set(model.functions.map(({ domain }) => domain));
  const used = new Set((model.graph?.node ?? []).map(({ domain }) => domain));
  const strange = [...used].filter((domain) => !DOMAINS.has(domain) && !own.has(domain));
  if (strange.length === 0) return;
  throw new GraftError(
    "ONNX_UNSUPPORTED",
    `Cannot use the model: it uses operators of ${strange.map((domain) => `"${domain}"`).join(", ")}, which is not known`,
    {
      hint: "Export the model again without custom operators",
      detail: { domains: strange },
    },
  );
}

function refuse(what: string, found: number, { oldest, newest }: { oldest: number; newest: number }): void {
  if (found >= oldest && found <= newest) return;
  throw new GraftError("ONNX_UNSUPPORTED", `Cannot use the model: its ${what} is ${found}, want ${oldest} to ${newest}`, {
    hint: found < oldest ? "Export the model again with a current exporter" : "Export the model for an older operator set",
    detail: { found, oldest, newest },
  });
}
