import { existsSync } from "node:fs";
import type { DebianPart } from "./debian-packages.ts";

const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const LOADERS = ["/usr/lib/x86_64-linux-gnu/libvulkan.so.1", "/usr/lib/aarch64-linux-gnu/libvulkan.so.1"];

/** A browser, and Vulkan's loader, which its software device for WebGPU needs. */
export const chromium: DebianPart = {
  name: "Chromium",
  packages: ["chromium", "libvulkan1"],
  without: "Tests in a page and on WebGPU",
  isReady: () =>
    [process.env["GRAFT_CHROMIUM"] ?? "", ...BROWSERS].some((path) => existsSync(path)) && LOADERS.some((path) => existsSync(path)),
};
