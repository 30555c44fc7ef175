import { loraKeys } from "./keys.ts";
import type { Manifest } from "./manifest.ts";

/** Key and shape of every tensor that an adapter with this manifest must hold, no more and no fewer. */
export function expectedTensors(manifest: Pick<Manifest, "targets" | "tensors">): Map<string, readonly number[]> {
  const expected = new Map<string, readonly number[]>();
  for (const target of manifest.targets) {
    const { a, b } = loraKeys(target.module);
    expected.set(a, [target.rank, target.in]);
    expected.set(b, [target.out, target.rank]);
  }
  for (const { key, shape } of manifest.tensors) expected.set(key, shape);
  return expected;
}
