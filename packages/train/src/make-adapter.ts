import { type Manifest, packAdapter, type TrainingReceipt } from "@graft/format";
import { finishPlan, type Plan, planManifest } from "@graft/methods";
import { fromFloat32, type Tensor, toFloat32 } from "@graft/safetensors";
import { makeGolden } from "./golden.ts";
import type { Finished } from "./make-result.ts";
import type { AdapterResult } from "./result.ts";
import { WRITER } from "./writer.ts";

/** Packs the trained tensors with a manifest that binds them to the base by content. NOT_FINITE. */
export async function makeAdapter(
  finished: Finished,
  { receipt, tensors }: { receipt: TrainingReceipt; tensors: ReadonlyMap<string, Tensor> },
): Promise<AdapterResult> {
  const { baseIdentity } = finished.run;
  const { plan, values } = finishPlan(finished.run.plan, floatValues(tensors));
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
  return { kind: "adapter", manifest, bytes: packAdapter({ manifest, tensors: floatTensors(plan, values) }) };
}

function floatValues(tensors: ReadonlyMap<string, Tensor>): Map<string, Float32Array> {
  return new Map([...tensors].map(([key, { dtype, data }]) => [key, toFloat32(dtype, data)]));
}

function floatTensors({ trainables }: Plan, values: ReadonlyMap<string, Float32Array>): Map<string, Tensor> {
  return new Map(
    trainables.map(({ key, shape }) => [key, { dtype: "F32", shape, data: fromFloat32("F32", values.get(key) ?? new Float32Array()) }]),
  );
}
