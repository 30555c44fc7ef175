import { type Manifest, packAdapter, type TrainingReceipt } from "@graft/format";
import { planManifest } from "@graft/methods";
import type { Tensor } from "@graft/safetensors";
import { makeGolden } from "./golden.ts";
import type { Finished } from "./make-result.ts";
import type { AdapterResult } from "./result.ts";
import { WRITER } from "./writer.ts";

/** Packs the trained tensors with a manifest that binds them to the base by content. NOT_FINITE. */
export async function makeAdapter(
  finished: Finished,
  { receipt, tensors }: { receipt: TrainingReceipt; tensors: ReadonlyMap<string, Tensor> },
): Promise<AdapterResult> {
  const { plan, baseIdentity } = finished.run;
  const { reference, digests } = await baseIdentity();
  const golden = await makeGolden(finished);
  const manifest: Manifest = {
    formatVersion: 1,
    ...planManifest(plan, digests),
    base: reference,
    writer: { ...WRITER },
    training: receipt,
    ...(golden === undefined ? {} : { golden }),
  };
  return { kind: "adapter", manifest, bytes: packAdapter({ manifest, tensors }) };
}
