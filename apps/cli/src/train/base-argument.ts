import type { ArgsDef } from "citty";

/** The base that commands of training take. */
export const BASE_ARGS = {
  base: { type: "string", description: "Checkpoint folder, ONNX file, or name in the local store", required: true, valueHint: "base" },
} as const satisfies ArgsDef;
