import { encodeModel, type ModelProto } from "@graft/onnx";
import { InferenceSession, Tensor } from "onnxruntime-node";

/** A tensor as a test writes it. Integers are int64. */
export interface Value {
  readonly dims: readonly number[];
  readonly values: readonly number[];
  readonly type?: "float32" | "float16" | "int64" | "bool";
}

/** A session over a model, with plain numbers in and out. */
export interface Executable {
  run(feeds: Readonly<Record<string, Value>>): Promise<Record<string, Value>>;
  close(): Promise<void>;
}

/** Opens a model in onnxruntime with every optimisation that users get. `folder` holds its external weights. */
export async function open(
  model: ModelProto,
  options: { folder?: string; threads?: number; device?: "cpu" | "webgpu" } = {},
): Promise<Executable> {
  const extra =
    options.folder === undefined ? {} : { extra: { session: { model_external_initializers_file_folder_path: options.folder } } };
  const session = await InferenceSession.create(encodeModel(model), {
    logSeverityLevel: 3,
    ...(options.device === "webgpu" ? { executionProviders: ["webgpu", "cpu"] } : {}),
    intraOpNumThreads: options.threads ?? 1,
    ...extra,
  });
  return {
    async run(feeds) {
      const tensors = Object.entries(feeds).map(([name, value]) => [name, tensor(value)] as const);
      const results = await session.run(Object.fromEntries(tensors));
      return Object.fromEntries(
        Object.entries(results).map(([name, { dims, data }]) => [name, { dims, values: Array.from(data as Float32Array, Number) }]),
      );
    },
    close: () => session.release(),
  };
}

function tensor({ dims, values, type = "float32" }: Value): Tensor {
  if (type === "int64") return new Tensor("int64", BigInt64Array.from(values, BigInt), [...dims]);
  if (type === "bool") return new Tensor("bool", Uint8Array.from(values), [...dims]);
  return new Tensor("float32", Float32Array.from(values), [...dims]);
}

/** Numbers in [low, high) that are the same in every run. */
export function numbers(count: number, { seed = 1, low = -1, high = 1 }: { seed?: number; low?: number; high?: number } = {}): number[] {
  let state = (seed * 2654435761) >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + ((high - low) * state) / 2 ** 32;
  });
}
