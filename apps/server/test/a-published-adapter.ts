import { createHash } from "node:crypto";
import { openAdapter, packAdapter, type Manifest } from "@graft/format";
import { routePath, splitName, type BaseDocument, type PublishRequest } from "@graft/protocol";
import { fromFloat32, type Tensor } from "@graft/safetensors";

const sha256 = (bytes: Uint8Array | string): `sha256:${string}` => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** A base of one square matrix. */
export function squareBase(size: number): BaseDocument {
  const digest = sha256(`matrix of ${size}`);
  return {
    name: `square-${size}`,
    fingerprint: sha256(Buffer.from(digest.slice(7), "hex")),
    matrices: [{ module: "layer.query", digest, rows: size, columns: size, norm: 1_000_000 * size }],
    files: [],
  };
}

/** Bytes of an adapter of a square base, and what publishes them. */
export async function squareAdapter(
  base: BaseDocument,
  { name, version, value }: { name: string; version: string; value: number },
): Promise<{ bytes: Uint8Array<ArrayBuffer>; request: PublishRequest; name: string; version: string }> {
  const [matrix] = base.matrices;
  if (matrix === undefined) throw new Error("the base has no matrix");
  const { module, digest: matrixDigest, rows: size } = matrix;
  const rank = 8;
  const filled = (shape: [number, number]): Tensor => ({
    dtype: "F32",
    shape,
    data: fromFloat32("F32", new Float32Array(shape[0] * shape[1]).fill(value)),
  });
  const manifest: Manifest = {
    formatVersion: 1,
    name,
    version,
    method: { name: "lora" },
    task: { type: "feature-extraction", labels: [] },
    base: { name: base.name, fingerprint: base.fingerprint, files: [] },
    targets: [{ module, digest: matrixDigest, in: size, out: size, rank, alpha: rank, scale: 1 }],
    tensors: [],
    writer: { name: "graft", version: "0.1.0" },
  };
  const tensors = new Map([
    [`base_model.model.${module}.lora_A.weight`, filled([rank, size])],
    [`base_model.model.${module}.lora_B.weight`, filled([size, rank])],
  ]);
  const bytes = new Uint8Array(packAdapter({ manifest, tensors }));
  const { digest, tensorsDigest } = await openAdapter(bytes);
  return { bytes, name, version, request: { digest, size: bytes.length, tensorsDigest, manifest } };
}

/** Where a registry is, and the token to use. */
export interface Place {
  readonly url: string;
  readonly token: string;
}

/** One request with the token; `body` is bytes or a document. */
export async function call({ url, token }: Place, path: string, init: { method?: string; body?: unknown } = {}): Promise<Response> {
  const isBytes = init.body instanceof Uint8Array;
  const body = init.body === undefined ? null : isBytes ? (init.body as Uint8Array<ArrayBuffer>) : JSON.stringify(init.body);
  return await fetch(url + path, {
    method: init.method ?? "GET",
    body,
    headers: { authorization: `Bearer ${token}`, ...(init.body === undefined || isBytes ? {} : { "content-type": "application/json" }) },
  });
}

/** Both steps of a publish; the answer of the first that fails, else of the second. */
export async function publish(
  place: Place,
  { bytes, request, name, version }: Awaited<ReturnType<typeof squareAdapter>>,
): Promise<Response> {
  const stored = await call(place, routePath("putBlob", { digest: request.digest }), { method: "PUT", body: bytes });
  if (!stored.ok) return stored;
  return await call(place, routePath("publish", { ...splitName(name), version }), { method: "PUT", body: request });
}

export { sha256 };
