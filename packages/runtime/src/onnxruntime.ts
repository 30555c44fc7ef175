import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { GraftError } from "@graft/error";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { type DeviceEntry, devicesToTry } from "./devices.ts";
import type { Session, SessionOptions } from "./session.ts";
import type { ElementType, Feeds, TensorValue } from "./tensor-value.ts";

/** Errors only: unused initializers and the like are not worth a line on a user's terminal. */
const LOG_SEVERITY = 3;

/** How ONNX Runtime says that a device, and not the model, is at fault. */
const PROVIDER_FAULT = /WebGPU|Vulkan|CUDA|ExecutionProvider|backend not found|Failed to load shared library/i;

/** The native runtime behind a session: this is the only file that imports it. */
export interface NativeSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly device: Session["device"];
  run(feeds: Feeds, fetches: readonly string[]): Promise<Feeds>;
  release(): Promise<void>;
}

/** Loads a model. ONNX_INVALID when ONNX Runtime refuses it, DEVICE_UNAVAILABLE when the device is not there. */
export async function loadNative(model: Uint8Array, options: SessionOptions): Promise<NativeSession> {
  const devices = devicesToTry(options.device ?? "cpu");
  let fault: GraftError | undefined;
  for (const [name, entry] of devices) {
    try {
      // Asked for a library that is not installed, ONNX Runtime also complains on stderr.
      if (entry.library !== undefined && !hasLibrary(entry.library))
        throw new Error("the libraries of its ExecutionProvider are not installed");
      return wrap(await InferenceSession.create(model, nativeOptions(entry, options)), name);
    } catch (cause) {
      fault = loadFault(cause as Error, { name, hint: entry.hint });
      if (fault.code !== "DEVICE_UNAVAILABLE") throw fault;
    }
  }
  throw fault ?? new TypeError("No device to try");
}

/** Whether a library lies beside ONNX Runtime's own. Elsewhere than on Linux they have other names and places. */
function hasLibrary(name: string): boolean {
  if (process.platform !== "linux") return true;
  const main = createRequire(import.meta.url).resolve("onnxruntime-node");
  return existsSync(join(dirname(main), "../bin/napi-v6/linux", process.arch, name));
}

function nativeOptions(device: DeviceEntry, options: SessionOptions): InferenceSession.SessionOptions {
  const { folder, threads, disabledOptimisers = [] } = options;
  return {
    executionProviders: [...device.providers],
    graphOptimizationLevel: options.optimise ?? "all",
    logSeverityLevel: LOG_SEVERITY,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(options.memoryPattern === undefined ? {} : { enableMemPattern: options.memoryPattern }),
    ...(options.arena === undefined ? {} : { enableCpuMemArena: options.arena }),
    extra: {
      session: {
        ...(folder === undefined || folder === "" ? {} : { model_external_initializers_file_folder_path: folder }),
        ...(options.spinning === undefined ? {} : { intra_op: { allow_spinning: options.spinning ? "1" : "0" } }),
      },
      ...(disabledOptimisers.length === 0 ? {} : { optimization: { disable_specified_optimizers: disabledOptimisers.join(";") } }),
    },
  };
}

function loadFault(cause: Error, device: { name: string; hint: string }): GraftError {
  const why = oneLine(cause.message);
  if (device.name !== "cpu" && PROVIDER_FAULT.test(why))
    return new GraftError("DEVICE_UNAVAILABLE", `Cannot run on "${device.name}": ${why}`, { cause, hint: device.hint });
  return new GraftError("ONNX_INVALID", `Cannot load the model: ${why}`, {
    cause,
    hint: "Check that the model and its weight files are whole and belong together",
  });
}

function wrap(native: InferenceSession, device: Session["device"]): NativeSession {
  return {
    device,
    inputNames: native.inputNames,
    outputNames: native.outputNames,
    async run(feeds, fetches) {
      const inputs = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, toTensor(name, value)]));
      let outputs: InferenceSession.OnnxValueMapType;
      try {
        outputs = await native.run(inputs, [...fetches]);
      } catch (cause) {
        throw new GraftError("ONNX_INVALID", `Cannot run the model: ${oneLine((cause as Error).message)}`, { cause });
      }
      return Object.fromEntries(fetches.map((name) => [name, fromTensor(outputs[name] as Tensor)]));
    },
    release: () => native.release(),
  };
}

function toTensor(name: string, { type, data, dims }: TensorValue): Tensor {
  try {
    const tensor = new Tensor(type, data as never, dims);
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
function oneLine(message: string): string {
  return message
    .replace(/^\/onnxruntime_src\/.*? was false\. /s, "")
    .replaceAll(/\s+/g, " ")
    .trim()
    .slice(0, 500);
}
