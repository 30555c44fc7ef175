import type { Digest } from "@graft/digest";
import { isGraftError } from "@graft/error";
import { checkedPeftConfig, type Manifest } from "@graft/format";
import type { StoredVersion } from "@graft/storage";
import { modelCard } from "./model-card.ts";

/** A file that a version shows to clients which know folders of files: bytes of the blob store, or text that is made here, the same every time. */
export type VersionFile = { readonly path: string; readonly size: number } & (
  | { readonly blob: Digest }
  | { readonly content: Uint8Array<ArrayBuffer> }
);

/** All files of a version, by path. PEFT's two names are there when PEFT can read the adapter. */
export function versionFiles(version: StoredVersion): VersionFile[] {
  const manifest = version.manifest as Manifest;
  const weights = { blob: version.digest, size: version.size };
  const attached = (version.files ?? []).map(({ path, digest, size }) => ({ path, blob: digest, size }));
  const files: VersionFile[] = [{ path: "adapter.safetensors", ...weights }, ...attached];
  if (!attached.some(({ path }) => path === "README.md")) files.push(text("README.md", modelCard(version)));
  const config = peftConfigOf(manifest);
  if (config !== undefined) files.push({ path: "adapter_model.safetensors", ...weights }, text("adapter_config.json", config));
  return files.toSorted((left, right) => (left.path < right.path ? -1 : 1));
}

function peftConfigOf(manifest: Manifest): string | undefined {
  try {
    return `${JSON.stringify(checkedPeftConfig(manifest), null, 2)}\n`;
  } catch (cause) {
    if (isGraftError(cause) && cause.code === "CONVERT_UNSUPPORTED") return undefined;
    throw cause;
  }
}

function text(path: string, written: string): VersionFile {
  const content = new TextEncoder().encode(written);
  return { path, content, size: content.length };
}
