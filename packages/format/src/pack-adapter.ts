import { GraftError } from "@graft/error";
import { ADAPTER_LIMITS, encodeSafetensors, isTensorName, type Tensor } from "@graft/safetensors";
import { canonicalJson } from "./canonical-json.ts";
import { checkFinite, checkTensors } from "./check-tensors.ts";
import { LIMITS } from "./limits.ts";
import type { Manifest } from "./manifest.ts";
import { checkManifest } from "./parse-manifest.ts";

/** Key of the manifest in `__metadata__`. */
export const MANIFEST_KEY = "graft.manifest";

/** A manifest and the tensors it describes. */
export interface AdapterParts {
  readonly manifest: Manifest;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** Bytes of `adapter.safetensors`; the same parts give the same bytes. MANIFEST_INVALID, ADAPTER_INVALID, NOT_FINITE, LIMIT_EXCEEDED. */
export function packAdapter({ manifest, tensors }: AdapterParts): Uint8Array {
  const json = canonicalJson(checkManifest(manifest));
  if (json.length > LIMITS.manifestBytes)
    throw new GraftError(
      "LIMIT_EXCEEDED",
      `Cannot pack the adapter: the manifest has ${json.length} characters, want at most ${LIMITS.manifestBytes}`,
    );
  checkTensors(manifest, tensors);
  for (const [key, { dtype, data }] of tensors) {
    if (!isTensorName(key))
      throw new GraftError(
        "ADAPTER_INVALID",
        `Cannot pack the adapter: ${JSON.stringify(key)} is longer than ${ADAPTER_LIMITS.nameLength}`,
      );
    checkFinite(key, { dtype, data });
  }
  // PEFT and transformers look for the format of the writer.
  return encodeSafetensors(
    tensors,
    new Map([
      ["format", "pt"],
      [MANIFEST_KEY, json],
    ]),
  );
}
