import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { GraftError } from "@graft/error";
import { type ModelProto, ModelProtoSchema } from "./proto/onnx_pb.ts";

/** A protobuf message ends here, whatever carries it. */
const MODEL_BYTES = 2 ** 31 - 1;

/** Reads a model. Byte fields are views into `bytes`; unknown fields are kept. Throws ONNX_INVALID. */
export function decodeModel(bytes: Uint8Array): ModelProto {
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new GraftError("ONNX_INVALID", `Cannot read the ONNX model: ${(cause as Error).message}`, { cause });
  }
  if (model.graph === undefined || model.irVersion === 0n) {
    throw new GraftError("ONNX_INVALID", "Cannot read the ONNX model: it has no graph or no IR version", {
      hint: "Check that the file is an ONNX model and was downloaded whole",
    });
  }
  return model;
}

/** Writes a model. Throws LIMIT_EXCEEDED past the 2 GiB that a protobuf message can hold. */
export function encodeModel(model: ModelProto): Uint8Array<ArrayBuffer> {
  const inline = (model.graph?.initializer ?? []).reduce((sum, tensor) => sum + tensor.rawData.byteLength, 0);
  if (inline > MODEL_BYTES) {
    throw new GraftError("LIMIT_EXCEEDED", `Cannot write the ONNX model: ${inline} bytes of weights, at most ${MODEL_BYTES} fit`, {
      hint: "Keep the weights in external files",
    });
  }
  return toBinary(ModelProtoSchema, model);
}

/** A new, empty model. `opset` is the version of the default operator set. */
export function createModel(options: { name: string; opset?: number; irVersion?: number }): ModelProto {
  return create(ModelProtoSchema, {
    irVersion: BigInt(options.irVersion ?? 9),
    producerName: "graft",
    opsetImport: [
      { domain: "", version: BigInt(options.opset ?? 18) },
      { domain: "com.microsoft", version: 1n },
    ],
    graph: { name: options.name },
  });
}

/** A copy whose messages can be changed without changing the original. Weight bytes are shared. */
export function cloneModel(model: ModelProto): ModelProto {
  return copy(model);
}

function copy<T>(value: T): T {
  if (value === null || typeof value !== "object" || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(copy) as T;
  const result = Object.create(Object.getPrototypeOf(value) as object) as Record<string, unknown>;
  for (const [key, entry] of Object.entries(value)) result[key] = copy(entry);
  return result as T;
}
