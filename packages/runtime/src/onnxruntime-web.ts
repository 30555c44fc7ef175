import type { GraftError } from "@graft/error";
import { env, InferenceSession, Tensor } from "onnxruntime-web/webgpu";
import type { Device } from "./session.ts";
import { loadFault, nativeOptions } from "./native-options.ts";
import { type MakeTensor, type NativeSession, wrapNative } from "./native-session.ts";
import type { SessionOptions } from "./session.ts";

/** Where a page computes, by the names that models are run with elsewhere: the processor is WASM. */
const PROVIDERS = { webgpu: ["webgpu", "wasm"], cpu: ["wasm"] } as const;
const HINTS = {
  webgpu: "Open the page in a browser with WebGPU, or choose the device cpu",
  cpu: "Allow the page to load WebAssembly",
} as const;

const makeTensor: MakeTensor = (type, data, dims) => new Tensor(type, data as never, dims);

/** Loads a model in a page: this is the only file that imports the runtime of pages. ONNX_INVALID, DEVICE_UNAVAILABLE. */
export async function loadWeb(model: Uint8Array, options: SessionOptions): Promise<NativeSession> {
  // Threads need memory that is shared, which a page has only when it is isolated from other origins.
  env.wasm.numThreads = globalThis.crossOriginIsolated ? (options.threads ?? navigator.hardwareConcurrency) : 1;
  let fault: GraftError | undefined;
  for (const name of await devicesOf(options.device ?? "cpu")) {
    const entry = { providers: PROVIDERS[name], hint: HINTS[name] };
    try {
      return wrapNative(await InferenceSession.create(model, nativeOptions(entry, options)), { device: name, makeTensor });
    } catch (cause) {
      fault = loadFault(cause as Error, { name, hint: entry.hint });
      if (fault.code !== "DEVICE_UNAVAILABLE") throw fault;
    }
  }
  throw fault ?? new TypeError("No device to try");
}

async function devicesOf(device: Device): Promise<readonly (keyof typeof PROVIDERS)[]> {
  if (device === "auto") return (await hasGraphics()) ? ["webgpu", "cpu"] : ["cpu"];
  return [device === "webgpu" ? "webgpu" : "cpu"];
}

/** Whether there is a graphics card: a browser's stand-in for one computes on the processor, slower than WASM. */
async function hasGraphics(): Promise<boolean> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<{ info?: { isFallbackAdapter?: boolean } } | null> } };
  const adapter = await gpu?.requestAdapter().catch(() => null);
  return adapter !== null && adapter !== undefined && adapter.info?.isFallbackAdapter !== true;
}
