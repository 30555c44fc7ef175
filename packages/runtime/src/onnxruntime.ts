import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { GraftError } from "@graft/error";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { devicesToTry } from "./devices.ts";
import { loadFault, nativeOptions } from "./native-options.ts";
import { type MakeTensor, type NativeSession, wrapNative } from "./native-session.ts";
import { profilePrefix, takeOperatorTimes } from "./operator-times.ts";
import type { OperatorTime, SessionOptions } from "./session.ts";

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
      const profile = options.profile === true ? profilePrefix() : undefined;
      const settings = {
        ...nativeOptions(entry, options),
        ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
      };
      const native = await InferenceSession.create(model, settings);
      const session = wrapNative(native, { device: name, makeTensor });
      return profile === undefined ? session : measured(session, { native, profile });
    } catch (cause) {
      fault = loadFault(cause as Error, { name: providerNames(options) ?? name, hint: entry.hint });
      if (fault.code !== "DEVICE_UNAVAILABLE") throw fault;
    }
  }
  throw fault ?? new TypeError("No device to try");
}

function providerNames({ providers }: SessionOptions): string | undefined {
  return providers?.map((provider) => (typeof provider === "string" ? provider : provider.name)).join(", ");
}

/** The session, with what its operators took; the runtime's file is gone when the session is. */
function measured(session: NativeSession, { native, profile }: { native: InferenceSession; profile: string }): NativeSession {
  let times: readonly OperatorTime[] | undefined;
  const end = (): readonly OperatorTime[] => {
    if (times === undefined) {
      native.endProfiling();
      times = takeOperatorTimes(profile);
    }
    return times;
  };
  return {
    ...session,
    operatorTimes: end,
    async release() {
      end();
      await session.release();
    },
  };
}

/** Whether a library lies beside ONNX Runtime's own. Elsewhere than on Linux they have other names and places. */
function hasLibrary(name: string): boolean {
  if (process.platform !== "linux") return true;
  const main = createRequire(import.meta.url).resolve("onnxruntime-node");
  return existsSync(join(dirname(main), "../bin/napi-v6/linux", process.arch, name));
}
