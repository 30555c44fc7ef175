import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform, release, totalmem } from "node:os";
import { dirname, join } from "node:path";

/** Hardware and versions that a run's speed and rounding depend on, for reports. */
export function environment(): Readonly<Record<string, string | number>> {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    "memory, MB": Math.round(totalmem() / 1e6),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
    "onnxruntime-node": runtimeVersion(),
  };
}

function runtimeVersion(): string {
  try {
    const main = createRequire(import.meta.url).resolve("onnxruntime-node");
    return String((JSON.parse(readFileSync(join(dirname(main), "../package.json"), "utf8")) as { version?: string }).version);
  } catch {
    return "unknown";
  }
}
