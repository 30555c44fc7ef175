import { GraftError } from "@graft/error";
import type { ByteSource } from "./byte-source.ts";
import type { Dtype } from "./dtypes.ts";
import { readHeader, type Header, type TensorInfo } from "./header.ts";
import { quote } from "./invalid.ts";

/** A tensor in memory: its little-endian bytes, row-major. `data` may start at any address, so copy before viewing it as wider elements. */
export interface Tensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** An open file; tensors are read when they are asked for. */
export interface SafetensorsFile {
  readonly header: Header;
  /** NOT_FOUND for a name that the header does not list. */
  tensor(name: string): Promise<Tensor>;
  /** A range of a tensor's bytes, by default all. */
  bytes(name: string, range?: { readonly begin?: number; readonly end?: number }): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Opens a source and reads its header; closes the source when the header is broken. */
export async function openSafetensors(source: ByteSource, options: { readonly headerBytes?: number } = {}): Promise<SafetensorsFile> {
  const header = await readHeader(source, options).catch(async (cause: unknown) => {
    await source.close();
    throw cause;
  });
  const find = (name: string): TensorInfo => {
    const info = header.tensors.get(name);
    if (info === undefined) throw new GraftError("NOT_FOUND", `Cannot read the tensor ${quote(name)}: the file has none of that name`);
    return info;
  };
  const bytes: SafetensorsFile["bytes"] = async (name, range = {}) => {
    const info = find(name);
    const size = info.end - info.begin;
    const { begin = 0, end = size } = range;
    if (!(begin >= 0 && begin <= end && end <= size)) {
      throw new GraftError("READ_FAILED", `Cannot read bytes ${begin} to ${end} of the tensor ${quote(name)}: it has ${size}`);
    }
    return source.read(header.dataOffset + info.begin + begin, end - begin);
  };
  return {
    header,
    bytes,
    tensor: async (name) => ({ dtype: find(name).dtype, shape: find(name).shape, data: await bytes(name) }),
    close: () => source.close(),
  };
}
