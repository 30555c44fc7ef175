import { createHash } from "node:crypto";
import type { Digest } from "@graft/digest";
import type { AdapterSearch, StoredBase, StoredVersion } from "@graft/storage";

/** sha256 of a text: a digest that stands for something. */
export const digestOf = (text: string): Digest => `sha256:${createHash("sha256").update(text).digest("hex")}`;

/** A base whose digests are made up from its name and those of its modules. */
export function aBase(name: string, matrices: readonly string[] = ["q", "k"]): StoredBase {
  return {
    name,
    fingerprint: digestOf(name),
    registeredAt: "2026-01-01T00:00:00.000Z",
    registeredBy: "me",
    matrices: matrices.map((module) => ({ module, digest: digestOf(module), rows: 4, columns: 8, norm: 2.5 })),
    files: [{ name: "model.onnx", digest: digestOf(`${name} file`), size: 2 ** 33 }],
  };
}

/** A version of an adapter of the base "tiny". */
export function aVersion(name: string, version: string, options: Partial<StoredVersion> = {}): StoredVersion {
  const digest = digestOf(`${name}@${version}`);
  return {
    name,
    version,
    digest,
    size: 2 ** 32,
    tensorsDigest: digestOf("tensors"),
    base: digestOf("tiny"),
    method: "lora",
    task: "text-classification",
    keywords: ["mail"],
    manifest: { any: ["thing", 1, null] },
    signatures: [{ key: "k", signature: "s" }],
    targets: [digestOf("q")],
    publishedAt: "2026-01-02T00:00:00.000Z",
    publishedBy: "me",
    ...options,
  };
}

/** A search for everything, ten at a time. */
export function aSearch(search: Partial<AdapterSearch> = {}): AdapterSearch {
  return { text: "", filters: {}, order: "relevance", limit: 10, withFacets: false, ...search };
}
