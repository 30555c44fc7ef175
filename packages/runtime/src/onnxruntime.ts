import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { GraftError } from "@graft/error";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { devicesToTry } from "./devices.ts";
import { loadFault, nativeOptions } from "./native-options.ts";
import { type MakeTensor, type NativeSession, wrapNative } from "./native-session.ts";
import type { SessionOptions } from "./session.ts";

const makeTensor: MakeTensor = (type, data, dims) => new Tensor(type, data as never, dims);

/** Loads a model. ONNX_INVALID when ONNX Runtime refuses it, DEVICE_UNAVAILABLE when the device is not there. */
export async function loadNative(model: Uint8Array, options: SessionOptions): Promise<NativeSession> {
  const devices = devicesToTry(options.device ?? "cpu");
  let fault: GraftError | undefined;
  for (const [name, entry] of devices) {
    try {
      // Asked for a library that is not installed, ONNX Runtime also complains on stderr.
      if (entry.library !== undefined && !hasLibrary(entry.library))
        throw new Error("the libraries of its ExecutionProvider are not installed");
      return wrapNative(await InferenceSession.create(model, nativeOptions(entry, options)), { device: name, makeTensor });
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
