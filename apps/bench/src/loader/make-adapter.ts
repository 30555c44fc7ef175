import type { Base } from "@graft/architectures";
import { identifyBase } from "@graft/architectures/node";
import { type Manifest, packAdapter } from "@graft/format";
import { initialise, type MethodOptions, planAdapter, planManifest } from "@graft/methods";
import { digestMatrices } from "@graft/onnx";
import { fromFloat32, type Tensor } from "@graft/safetensors";

/** Makes adapters for one base: every tensor random, as training would leave it. */
export async function adapterMaker(base: Base): Promise<(method: MethodOptions, seed: number) => Promise<Uint8Array>> {
  const { reference } = await identifyBase(base);
  const digests = await digestMatrices(base.model, base.weights);
  return async (method, seed) => {
    const plan = planAdapter(base, { method, task: { type: "text-classification", labels: ["animal", "place", "plant"] } });
    const trainables = plan.trainables.map((one) => ({ ...one, init: { kind: "gaussian", deviation: 0.02 } as const }));
    const values = await initialise({ trainables }, { seed, weights: base.weights });
    const manifest: Manifest = {
      formatVersion: 1,
      ...planManifest(plan, digests),
      base: reference,
      writer: { name: "graft", version: "0.1.0" },
      name: `@bench/${method.name}-${seed}`,
      version: "1.0.0",
    };
    const tensors = plan.trainables.map(({ key, shape }): [string, Tensor] => [
      key,
      { dtype: "F32", shape, data: fromFloat32("F32", values.get(key) ?? new Float32Array()) },
    ]);
    return packAdapter({ manifest, tensors: new Map(tensors) });
  };
}
