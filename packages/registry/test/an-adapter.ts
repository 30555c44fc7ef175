import { createHash } from "node:crypto";
import { formatDigest, type Digest } from "@graft/digest";
import { openAdapter, packAdapter, type Manifest } from "@graft/format";
import type { BaseDocument, PublishRequest } from "@graft/protocol";
import { fromFloat32, type Tensor } from "@graft/safetensors";
import type { TestRegistry } from "./a-registry.ts";

/** sha256 of a text: a digest that stands for something. */
export function digestOf(text: string): Digest {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** A base of two matrices, 8 × 6, whose digests are made up from its name. */
export function aBase(name = "tiny", layers = 2): BaseDocument {
  const matrices = Array.from({ length: layers }, (_, index) => ({
    module: `encoder.layer.${index}.query`,
    digest: digestOf(`${name}.${index}`),
    rows: 8,
    columns: 6,
    norm: 10,
  }));
  const raw = matrices.map(({ digest }) => Buffer.from(digest.slice(7), "hex")).sort(Buffer.compare);
  const fingerprint = formatDigest(createHash("sha256").update(Buffer.concat(raw)).digest());
  return { name, fingerprint, matrices, files: [{ name: "model.safetensors", digest: digestOf(`${name} file`), size: 1000 }] };
}

/** What to make an adapter of. */
export interface AdapterOptions {
  readonly name?: string;
  readonly version?: string;
  readonly base?: BaseDocument;
  /** Modules of the base to adapt. */
  readonly modules?: readonly string[];
  /** Makes the bytes differ. */
  readonly value?: number;
  readonly manifest?: Partial<Manifest>;
}

/** Bytes of a small LoRA adapter and the document that publishes them. */
export async function anAdapter(
  options: AdapterOptions = {},
): Promise<{ bytes: Uint8Array<ArrayBuffer>; path: string; request: PublishRequest }> {
  const { name = "@acme/spam", version = "1.0.0", base = aBase(), value = 0.5 } = options;
  const tensors = new Map<string, Tensor>();
  const targets: Manifest["targets"] = [];
  for (const { module, digest, rows, columns } of base.matrices) {
    if (options.modules?.includes(module) === false) continue;
    targets.push({ module, digest, in: columns, out: rows, rank: 2, alpha: 4, scale: 2 });
    tensors.set(`base_model.model.${module}.lora_A.weight`, filled([2, columns], value));
    tensors.set(`base_model.model.${module}.lora_B.weight`, filled([rows, 2], value));
  }
  const manifest: Manifest = {
    formatVersion: 1,
    name,
    version,
    description: "Finds spam in short texts",
    keywords: ["mail"],
    method: { name: "lora" },
    task: { type: "feature-extraction", labels: [] },
    base: { name: base.name, fingerprint: base.fingerprint, files: [] },
    targets,
    tensors: [],
    writer: { name: "graft", version: "0.1.0" },
    ...options.manifest,
  };
  const bytes = new Uint8Array(packAdapter({ manifest, tensors }));
  const { digest, tensorsDigest } = await openAdapter(bytes);
  const request: PublishRequest = { digest, size: bytes.length, tensorsDigest, manifest };
  return { bytes, path: `/v1/adapters/${name.slice(1)}/versions/${version}`, request };
}

function filled(shape: readonly number[], value: number): Tensor {
  const values = new Float32Array(shape.reduce((product, dimension) => product * dimension, 1)).fill(value);
  return { dtype: "F32", shape, data: fromFloat32("F32", values) };
}

/** Registers the base and uploads and publishes the adapter, as a client does. */
export async function publishTo(
  registry: Pick<TestRegistry, "send">,
  options: AdapterOptions & { readonly token?: string; readonly tag?: string; readonly access?: "public" | "private" } = {},
): Promise<Response> {
  const base = options.base ?? aBase();
  const token = options.token === undefined ? {} : { token: options.token };
  await registry.send("PUT", `/v1/bases/${base.fingerprint}`, { body: base });
  const { bytes, path, request } = await anAdapter({ ...options, base });
  await registry.send("PUT", `/v1/blobs/${request.digest}`, { body: bytes, ...token });
  const { tag, access } = options;
  const body = { ...request, ...(tag === undefined ? {} : { tag }), ...(access === undefined ? {} : { access }) };
  return await registry.send("PUT", path, { body, ...token });
}
