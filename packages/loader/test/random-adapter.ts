import type { Base } from "@graft/architectures";
import { hashFile } from "@graft/digest/node";
import { packAdapter, type Manifest } from "@graft/format";
import { initialise, type MethodOptions, planAdapter, planManifest, type PlanTask } from "@graft/methods";
import { digestMatrices, fingerprint } from "@graft/onnx";
import { loadTokenizer } from "@graft/runtime/node";
import { fromFloat32, type Tensor } from "@graft/safetensors";

/** An adapter whose every tensor is random, B included, as training would leave it. */
export async function randomAdapter(
  base: Base,
  options: {
    method?: MethodOptions;
    labels?: readonly string[];
    task?: PlanTask;
    seed?: number;
    size?: number;
    changes?: Partial<Manifest>;
  } = {},
): Promise<Uint8Array> {
  const { method = { name: "lora", rank: 2, alpha: 3 }, labels = ["act", "animal", "plant"], seed = 1, size = 0.3, changes } = options;
  const { task = { type: "text-classification", labels } } = options;
  const plan = planAdapter(base, { method, task });
  const random = {
    ...plan,
    trainables: plan.trainables.map((one) =>
      one.role === "replacement" && !one.key.endsWith(".bias") ? one : { ...one, init: { kind: "gaussian", deviation: size } as const },
    ),
  };
  const values = await initialise(random, { seed, weights: base.weights });
  const parts = planManifest(plan, await digestMatrices(base.model, base.weights));
  const files = await Promise.all(base.files.map(async (path) => ({ name: path.split("/").at(-1) ?? path, ...(await hashFile(path)) })));
  const tokenizer = base.tokenizerFile === undefined ? undefined : (await loadTokenizer(base.tokenizerFile)).digest;
  const manifest: Manifest = {
    formatVersion: 1,
    ...parts,
    base: {
      name: base.name,
      fingerprint: (await fingerprint(base.model, base.weights)).fingerprint,
      files,
      ...(tokenizer === undefined ? {} : { tokenizer }),
      ...(base.family === undefined ? {} : { family: base.family }),
    },
    writer: { name: "graft", version: "0.1.0" },
    ...changes,
  };
  const tensors = new Map(
    plan.trainables.map(({ key, shape }): [string, Tensor] => [
      key,
      { dtype: "F32", shape, data: fromFloat32("F32", values.get(key) ?? new Float32Array()) },
    ]),
  );
  return packAdapter({ manifest, tensors });
}
