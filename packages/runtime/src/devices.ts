import { GraftError } from "@graft/error";
import type { Device } from "./session.ts";

/** A place where models run: ONNX Runtime's provider, and what it takes to have it. */
export interface DeviceEntry {
  readonly providers: readonly string[];
  /** File that its installation adds to ONNX Runtime's (Linux). */
  readonly library?: string;
  readonly hint: string;
}

/** Every device by name; `auto` tries them in this order. */
export const DEVICES: Readonly<Record<Exclude<Device, "auto">, DeviceEntry>> = {
  cuda: {
    providers: ["cuda", "cpu"],
    library: "libonnxruntime_providers_cuda.so",
    hint: "Run node node_modules/onnxruntime-node/script/install.js to fetch the CUDA libraries, and check the driver with nvidia-smi",
  },
  webgpu: { providers: ["webgpu", "cpu"], hint: "Install a Vulkan driver for the graphics card" },
  cpu: { providers: ["cpu"], hint: "Reinstall onnxruntime-node" },
};

/** The devices to try for a choice, best first. USAGE for a name that is none. */
export function devicesToTry(device: Device): (readonly [Exclude<Device, "auto">, DeviceEntry])[] {
  if (device === "auto") return Object.entries(DEVICES) as [Exclude<Device, "auto">, DeviceEntry][];
  if (!Object.hasOwn(DEVICES, device)) {
    throw new GraftError("USAGE", `Cannot run on "${String(device)}": no such device`, {
      hint: `Choose one of ${[...Object.keys(DEVICES), "auto"].join(", ")}`,
    });
  }
  return [[device, DEVICES[device]]];
}
