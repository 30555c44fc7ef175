import { MANIFEST_KEY, parseManifest, type Manifest } from "@graft/format";
import { httpSource, openSafetensors, type SafetensorsFile, toFloat32 } from "@graft/safetensors";

/** An adapter in a registry, read by ranges: what is not looked at is not loaded. */
export interface RemoteAdapter {
  readonly manifest: Manifest;
  readonly file: SafetensorsFile;
  values(key: string): Promise<Float32Array>;
}

/** Opens a blob of this registry by its digest. Codes of reading a safetensors file and its manifest. */
export async function openRemote(digest: string): Promise<RemoteAdapter> {
  const file = await openSafetensors(await httpSource(new URL(`/v1/blobs/${digest}`, location.origin)));
  return {
    manifest: parseManifest(file.header.metadata.get(MANIFEST_KEY) ?? ""),
    file,
    values: async (key) => {
      const { dtype, data } = await file.tensor(key);
      return toFloat32(dtype, data);
    },
  };
}
