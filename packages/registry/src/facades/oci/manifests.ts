import { sha256, type Digest } from "@graft/digest";
import { canonicalJson, type Manifest } from "@graft/format";
import type { StoredVersion } from "@graft/storage";

/** Media types of what the registry shows as OCI artifacts. */
export const MEDIA = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  empty: "application/vnd.oci.empty.v1+json",
  adapter: "application/vnd.graft.adapter.v1",
  base: "application/vnd.graft.base.v1",
  config: "application/vnd.graft.manifest.v1+json",
  baseConfig: "application/vnd.graft.base.v1+json",
  weights: "application/vnd.graft.adapter.v1+safetensors",
} as const;

/** The types of the files beside an adapter. */
const FILE_TYPES: Readonly<Record<string, string>> = { "README.md": "text/markdown", "evaluation.json": "application/json" };

/** Bytes under their digest. */
export interface Document {
  readonly digest: Digest;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A manifest, and the small blobs that it names beside those of the blob store. */
export interface Artifact {
  readonly manifest: Document & { readonly artifactType: string; readonly annotations: Readonly<Record<string, string>> };
  readonly documents: readonly Document[];
}

/** The empty descriptor's content (image-spec, guidance for an empty descriptor). */
const EMPTY = "{}";

/** A base as an artifact. It follows from the fingerprint alone, so that what names it as subject stays right for ever. */
export async function baseArtifact(fingerprint: Digest): Promise<Artifact> {
  const config = await documentOf(canonicalJson({ fingerprint }));
  const empty = await documentOf(EMPTY);
  return artifact({
    artifactType: MEDIA.base,
    config: { mediaType: MEDIA.baseConfig, ...config },
    layers: [descriptor(MEDIA.empty, empty)],
    annotations: { "dev.graft.base": fingerprint },
    documents: [config, empty],
  });
}

/** A version as an artifact: its manifest is the config, its files are the layers, its base is the subject. It says nothing that changes. */
export async function versionArtifact(version: StoredVersion): Promise<Artifact> {
  const { description, license, base } = version.manifest as Manifest;
  const config = await documentOf(canonicalJson(version.manifest));
  const subject = (await baseArtifact(version.base)).manifest;
  const files = (version.files ?? []).map(({ path, digest, size }) => ({
    mediaType: FILE_TYPES[path] ?? "application/octet-stream",
    digest,
    size,
    annotations: { "org.opencontainers.image.title": path },
  }));
  const annotations = {
    "org.opencontainers.image.title": version.name,
    "org.opencontainers.image.version": version.version,
    ...(description === undefined ? {} : { "org.opencontainers.image.description": description }),
    ...(license === undefined ? {} : { "org.opencontainers.image.licenses": license }),
    "dev.graft.base": version.base,
    "dev.graft.base.name": base.name,
  };
  return artifact({
    artifactType: MEDIA.adapter,
    config: { mediaType: MEDIA.config, ...config },
    layers: [
      {
        mediaType: MEDIA.weights,
        digest: version.digest,
        size: version.size,
        annotations: { "org.opencontainers.image.title": "adapter.safetensors" },
      },
      ...files,
    ],
    subject: descriptor(MEDIA.manifest, subject),
    annotations,
    documents: [config],
  });
}

/** What an index of referrers says of an artifact. */
export function referrer({ manifest }: Artifact): Record<string, unknown> {
  const { artifactType, annotations } = manifest;
  return { ...descriptor(MEDIA.manifest, manifest), artifactType, annotations };
}

async function artifact(parts: {
  readonly artifactType: string;
  readonly config: Document & { readonly mediaType: string };
  readonly layers: readonly object[];
  readonly subject?: object;
  readonly annotations: Readonly<Record<string, string>>;
  readonly documents: readonly Document[];
}): Promise<Artifact> {
  const { artifactType, config, layers, subject, annotations, documents } = parts;
  const text = canonicalJson({
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    artifactType,
    config: descriptor(config.mediaType, config),
    layers,
    ...(subject === undefined ? {} : { subject }),
    annotations,
  });
  return { manifest: { ...(await documentOf(text)), artifactType, annotations }, documents };
}

function descriptor(mediaType: string, { digest, bytes }: Document): { mediaType: string; digest: Digest; size: number } {
  return { mediaType, digest, size: bytes.length };
}

async function documentOf(text: string): Promise<Document> {
  const bytes = new TextEncoder().encode(text);
  return { bytes, digest: await sha256(bytes) };
}
