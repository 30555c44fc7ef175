import { GraftError } from "@graft/error";
import type { InferenceSession } from "onnxruntime-common";
import { deviceFault } from "./device-fault.ts";
import type { DeviceEntry } from "./devices.ts";
import { oneLine } from "./native-session.ts";
import type { SessionOptions } from "./session.ts";

/** Fatal faults only: errors are told by what is thrown, and unused initializers are not worth a line on a terminal. */
const LOG_SEVERITY = 4;

/** How ONNX Runtime says that a device, and not the model, is at fault. */
const PROVIDER_FAULT = /WebGPU|Vulkan|CUDA|ExecutionProvider|backend not found|Failed to load shared library/i;

/** Options of a session as ONNX Runtime takes them, on a device. */
export function nativeOptions(device: DeviceEntry, options: SessionOptions): InferenceSession.SessionOptions {
  const { folder, files, threads, disabledOptimisers = [] } = options;
  const native = (options.native?.["extra"] ?? {}) as Readonly<Record<string, object>>;
  return {
    ...options.native,
    executionProviders: [...(options.providers ?? device.providers)] as InferenceSession.ExecutionProviderConfig[],
    graphOptimizationLevel: options.optimise ?? "all",
    logSeverityLevel: LOG_SEVERITY,
    ...(files === undefined ? {} : { externalData: Object.entries(files).map(([path, data]) => ({ path, data })) }),
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(options.memoryPattern === undefined ? {} : { enableMemPattern: options.memoryPattern }),
    ...(options.arena === undefined ? {} : { enableCpuMemArena: options.arena }),
    extra: {
      ...native,
      session: {
        ...native["session"],
        ...(folder === undefined || folder === "" ? {} : { model_external_initializers_file_folder_path: folder }),
        // Fused with its unpacking, a product would otherwise round its input to 8 bits.
        qdq_matmulnbits_accuracy_level: "1",
        ...(options.spinning === undefined ? {} : { intra_op: { allow_spinning: options.spinning ? "1" : "0" } }),
      },
      ...(disabledOptimisers.length === 0 ? {} : { optimization: { disable_specified_optimizers: disabledOptimisers.join(";") } }),
    },
  };
}

/** Why a model could not be loaded: DEVICE_UNAVAILABLE where the device is at fault, else ONNX_INVALID. */
export function loadFault(cause: Error, device: { name: string; hint: string }): GraftError {
  const why = oneLine(cause.message);
  const known = deviceFault(cause, "load the model");
  if (known !== undefined) return known;
  if (device.name !== "cpu" && PROVIDER_FAULT.test(why))
    return new GraftError("DEVICE_UNAVAILABLE", `Cannot run on "${device.name}": ${why}`, { cause, hint: device.hint });
  return new GraftError("ONNX_INVALID", `Cannot load the model: ${why}`, {
    cause,
    hint: "Check that the model and its weight files are whole and belong together",
  });
}
