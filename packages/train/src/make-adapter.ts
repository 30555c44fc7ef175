import { type Manifest, packAdapter, type TrainingReceipt } from "@graft/format";
import { planManifest } from "@graft/methods";
import { fingerprint } from "@graft/onnx";
import type { Tensor } from "@graft/safetensors";
import { makeGolden } from "./golden.ts";
import type { Finished } from "./make-result.ts";
import type { AdapterResult } from "./result.ts";

/** Who writes manifests; the version is the package's. */
const WRITER = { name: "@graft/train", version: "0.1.0" } as const;

/** Packs the trained tensors with a manifest that binds them to the base by content. NOT_FINITE. */
export async function makeAdapter(
  finished: Finished,
  { receipt, tensors }: { receipt: TrainingReceipt; tensors: ReadonlyMap<string, Tensor> },
): Promise<AdapterResult> {
  const { options, plan } = finished;
  const { base, identity } = options;
  const identified = await fingerprint(base.model, base.weights);
  const digests = new Map(identified.matrices.map(({ initializer, digest }) => [initializer, digest]));
  const golden = await makeGolden(finished);
  const manifest: Manifest = {
    formatVersion: 1,
    ...planManifest(plan, digests),
    base: {
      name: base.name,
      ...(base.revision === undefined ? {} : { revision: base.revision }),
      fingerprint: identified.fingerprint,
      files: [...(identity?.files ?? [])],
      ...(identity?.tokenizer === undefined ? {} : { tokenizer: identity.tokenizer }),
      ...(base.family === undefined ? {} : { family: base.family }),
    },
    writer: { ...WRITER },
    training: receipt,
    ...(golden === undefined ? {} : { golden }),
  };
  return { kind: "adapter", manifest, bytes: packAdapter({ manifest, tensors }) };
}
