import { existsSync } from "node:fs";

/** Chromium's software device for WebGPU, which Debian's package brings. */
const SOFTWARE = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** Why there is no WebGPU here; undefined where there is. A file that imports this computes on the software device unless a driver is named. */
export const noWebgpu: string | undefined = prepare();

function prepare(): string | undefined {
  if (process.env["VK_ICD_FILENAMES"] === undefined) {
    if (!existsSync(SOFTWARE)) return "no Vulkan driver was named (VK_ICD_FILENAMES), and Chromium's software device is not installed";
    process.env["VK_ICD_FILENAMES"] = SOFTWARE;
  }
  process.env["XDG_RUNTIME_DIR"] ??= "/tmp";
  return undefined;
}

if (noWebgpu !== undefined) console.warn(`Skipped: ${noWebgpu}`);
