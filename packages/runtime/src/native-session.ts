import { GraftError } from "@graft/error";
import type { InferenceSession, Tensor } from "onnxruntime-common";
import { deviceFault } from "./device-fault.ts";
import type { OperatorTime, Session } from "./session.ts";
import type { ElementType, Feeds, TensorValue } from "./tensor-value.ts";

/** The runtime behind a session, in Node or in a page. */
export interface NativeSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly device: Session["device"];
  run(feeds: Feeds, fetches: readonly string[]): Promise<Feeds>;
  release(): Promise<void>;
  /** Ends measuring and tells what was measured; absent where nothing is. */
  operatorTimes?(): readonly OperatorTime[];
}

/** How a runtime makes tensors. */
export type MakeTensor = (type: ElementType, data: TensorValue["data"], dims: readonly number[]) => Tensor;

/** A session of the runtime that takes and gives plain values. */
export function wrapNative(
  native: InferenceSession,
  { device, makeTensor }: { readonly device: Session["device"]; readonly makeTensor: MakeTensor },
): NativeSession {
  return {
    device,
    inputNames: native.inputNames,
    outputNames: native.outputNames,
    async run(feeds, fetches) {
      const inputs = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, toTensor(name, value, makeTensor)]));
      let outputs: InferenceSession.OnnxValueMapType;
      try {
        outputs = await native.run(inputs, [...fetches]);
      } catch (cause) {
        const message = oneLine((cause as Error).message);
        throw deviceFault(cause as Error, "run the model") ?? new GraftError("ONNX_INVALID", `Cannot run the model: ${message}`, { cause });
      }
      return Object.fromEntries(fetches.map((name) => [name, fromTensor(outputs[name] as Tensor)]));
    },
    release: () => native.release(),
  };
}

function toTensor(name: string, { type, data, dims }: TensorValue, makeTensor: MakeTensor): Tensor {
  try {
    const tensor = makeTensor(type, data, dims);
    // The native side takes 16-bit words, and finds nothing in the Float16Array that the constructor makes of them on new Nodes.
    return type === "float16" ? (Object.create(tensor, { data: { value: data } }) as Tensor) : tensor;
  } catch (cause) {
    throw new GraftError("USAGE", `Cannot feed "${name}": ${oneLine((cause as Error).message)}`, { cause });
  }
}

function fromTensor({ type, dims, data }: Tensor): TensorValue {
  const words = type === "float16" && ArrayBuffer.isView(data) ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data;
  return { type: type as ElementType, dims, data: words as TensorValue["data"] };
}

/** A message of ONNX Runtime without line breaks and without the place in its sources. */
export function oneLine(message: string): string {
  return message
    .replace(/^\/onnxruntime_src\/.*? was false\. /s, "")
    .replaceAll(/\s+/g, " ")
    .trim()
    .slice(0, 500);
}
