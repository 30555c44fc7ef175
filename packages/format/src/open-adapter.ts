import { createHasher, formatDigest, type Digest } from "@graft/digest";
import {
  ADAPTER_LIMITS,
  bytesSource,
  checkHeader,
  DTYPES,
  openSafetensors,
  planLayout,
  toFloat32,
  type ByteSource,
  type Header,
  type SafetensorsFile,
  type Tensor,
} from "@graft/safetensors";
import { adapterInvalid, checkFinite, checkTensors } from "./check-tensors.ts";
import type { Manifest } from "./manifest.ts";
import { MANIFEST_KEY } from "./pack-adapter.ts";
import { parseManifest } from "./parse-manifest.ts";

/** An adapter whose every byte was checked; tensors are read when they are asked for. */
export interface Adapter {
  readonly manifest: Manifest;
  readonly header: Header;
  /** sha256 of the file. */
  readonly digest: Digest;
  /** Digest of the tensors alone: equal weights have equal ones, whatever the manifest says. */
  readonly tensorsDigest: Digest;
  /** Bytes of the file. */
  readonly size: number;
  tensor(key: string): Promise<Tensor>;
  /** A tensor's values as float32, row-major. */
  values(key: string): Promise<Float32Array>;
  /** The same in pieces of at most a half a million values, for tensors that should not be held whole. */
  pieces(key: string): AsyncGenerator<Float32Array>;
  close(): Promise<void>;
}

/** A multiple of every element's width. */
const CHUNK_BYTES = 1 << 20;

/** Opens an adapter and checks all of it, reading it once. SAFETENSORS_INVALID, ADAPTER_INVALID, MANIFEST_INVALID, NOT_FINITE, LIMIT_EXCEEDED. */
export async function openAdapter(source: ByteSource | Uint8Array): Promise<Adapter> {
  const bytes = source instanceof Uint8Array ? bytesSource(source) : source;
  const { file, manifest } = await openChecked(bytes);
  try {
    const digests = await verifyData(bytes, file);
    const tensor = (key: string): Promise<Tensor> => file.tensor(key);
    return {
      manifest,
      header: file.header,
      ...digests,
      size: bytes.size,
      tensor,
      values: async (key) => {
        const { dtype, data } = await tensor(key);
        return toFloat32(dtype, data);
      },
      pieces: (key) => pieces(bytes, file.header, key),
      close: () => file.close(),
    };
  } catch (cause) {
    await file.close();
    throw cause;
  }
}

/** Reads and checks the header and the manifest only, and closes the source: what a list of adapters needs. */
export async function readManifest(source: ByteSource | Uint8Array): Promise<Manifest> {
  const { file, manifest } = await openChecked(source instanceof Uint8Array ? bytesSource(source) : source);
  await file.close();
  return manifest;
}

async function openChecked(source: ByteSource): Promise<{ file: SafetensorsFile; manifest: Manifest }> {
  const file = await openSafetensors(source, { headerBytes: ADAPTER_LIMITS.headerBytes });
  try {
    return { file, manifest: checkedManifest(file.header) };
  } catch (cause) {
    await file.close();
    throw cause;
  }
}

function checkedManifest(header: Header): Manifest {
  const findings = checkHeader(header);
  const [first] = findings;
  if (first !== undefined) throw adapterInvalid("header-findings", first.message, { findings });
  const json = header.metadata.get(MANIFEST_KEY);
  if (json === undefined) throw adapterInvalid("no-manifest", `its __metadata__ has no "${MANIFEST_KEY}"`);
  const manifest = parseManifest(json);
  checkTensors(manifest, header.tensors);
  return manifest;
}

async function* pieces(source: ByteSource, { tensors, dataOffset }: Header, key: string): AsyncGenerator<Float32Array> {
  const entry = tensors.get(key);
  if (entry === undefined) throw adapterInvalid("missing-tensor", `it has no tensor "${key}"`);
  for (let at = entry.begin; at < entry.end; at += CHUNK_BYTES)
    yield toFloat32(entry.dtype, await source.read(dataOffset + at, Math.min(CHUNK_BYTES, entry.end - at)));
}

/** One pass over the file: both digests, and every value finite. */
async function verifyData(source: ByteSource, { header }: SafetensorsFile): Promise<{ digest: Digest; tensorsDigest: Digest }> {
  const { prefix, placed } = planLayout(header.tensors.values());
  const [whole, tensors] = await Promise.all([createHasher(), createHasher()]);
  whole.update(await source.read(0, header.dataOffset));
  tensors.update(prefix);
  for (const { entry, begin } of placed) {
    if (entry.begin !== begin) throw adapterInvalid("wrong-order", `the tensor "${entry.name}" is not where the reference writer puts it`);
    for (let at = entry.begin; at < entry.end; at += CHUNK_BYTES) {
      const data = await source.read(header.dataOffset + at, Math.min(CHUNK_BYTES, entry.end - at));
      checkFinite(entry.name, { dtype: entry.dtype, data, offset: ((at - entry.begin) * 8) / DTYPES[entry.dtype].bits });
      whole.update(data);
      tensors.update(data);
    }
  }
  return { digest: formatDigest(whole.digest()), tensorsDigest: formatDigest(tensors.digest()) };
}
