import { GraftError } from "@graft/error";
import { firstNonFinite, type Dtype } from "@graft/safetensors";
import { expectedTensors } from "./expected-tensors.ts";
import type { Manifest } from "./manifest.ts";

/** Float dtypes that an adapter's tensors may have: those that every reader of PEFT's files knows. */
const ADAPTER_DTYPES: ReadonlySet<Dtype> = new Set(["F32", "F16", "BF16"]);

/** Names of the ways in which tensors and manifest can disagree, in `detail.reason` of ADAPTER_INVALID. */
export type AdapterFault =
  | "missing-tensor"
  | "unlisted-tensor"
  | "wrong-shape"
  | "wrong-dtype"
  | "wrong-order"
  | "no-manifest"
  | "header-findings"
  | "wrong-scale"
  | "zero-delta"
  | "delta-out-of-bounds";

/** Checks that tensors are exactly those of the manifest, in shape and dtype; ADAPTER_INVALID. */
export function checkTensors(
  manifest: Manifest,
  tensors: ReadonlyMap<string, { readonly dtype: Dtype; readonly shape: readonly number[] }>,
): void {
  const expected = expectedTensors(manifest);
  for (const [key, shape] of expected) {
    const tensor = tensors.get(key);
    if (tensor === undefined) throw adapterInvalid("missing-tensor", `the tensor "${key}" of the manifest is missing`);
    if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
      throw adapterInvalid("wrong-shape", `the tensor "${key}" has shape [${tensor.shape.join(", ")}], want [${shape.join(", ")}]`);
    }
    if (!ADAPTER_DTYPES.has(tensor.dtype))
      throw adapterInvalid("wrong-dtype", `the tensor "${key}" is ${tensor.dtype}, want one of ${[...ADAPTER_DTYPES].join(", ")}`);
  }
  for (const key of tensors.keys()) {
    if (!expected.has(key))
      throw adapterInvalid("unlisted-tensor", `the tensor ${JSON.stringify(key.slice(0, 100))} is not in the manifest`);
  }
}

/** Checks a piece of a tensor for NaN and infinity; `offset` is that of the piece, in elements. NOT_FINITE. */
export function checkFinite(
  key: string,
  { dtype, data, offset = 0 }: { readonly dtype: Dtype; readonly data: Uint8Array; readonly offset?: number },
): void {
  const index = firstNonFinite(dtype, data);
  if (index < 0) return;
  throw new GraftError("NOT_FINITE", `Cannot accept the adapter: element ${offset + index} of "${key}" is NaN or infinite`, {
    hint: "Train again with a lower learning rate",
    detail: { key, element: offset + index },
  });
}

/** ADAPTER_INVALID with its reason in `detail.reason`. */
export function adapterInvalid(reason: AdapterFault, why: string, detail: Readonly<Record<string, unknown>> = {}): GraftError {
  return new GraftError("ADAPTER_INVALID", `Cannot accept the adapter: ${why}`, { detail: { reason, ...detail } });
}
