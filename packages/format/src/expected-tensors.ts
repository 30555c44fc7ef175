import type { Manifest } from "./manifest.ts";
import { targetTensors } from "./target-tensors.ts";

/** Key and shape of every tensor that an adapter with this manifest must hold, no more and no fewer. */
export function expectedTensors(manifest: Pick<Manifest, "method" | "targets" | "tensors">): Map<string, readonly number[]> {
  const expected = new Map<string, readonly number[]>();
  for (const target of manifest.targets) {
    for (const { key, shape } of targetTensors(manifest.method.name, target)) expected.set(key, shape);
  }
  for (const { key, shape } of manifest.tensors) expected.set(key, shape);
  return expected;
}
