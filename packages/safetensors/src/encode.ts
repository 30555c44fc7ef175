import { planLayout, refuse, type TensorShape } from "./layout.ts";
import type { Tensor } from "./safetensors-file.ts";

/** A whole file in memory. Equal tensors and metadata give equal bytes, in whatever order they come. */
export function encodeSafetensors(tensors: ReadonlyMap<string, Tensor>, metadata?: ReadonlyMap<string, string>): Uint8Array {
  const entries = Array.from(tensors, ([name, tensor]) => ({ name, ...tensor }));
  const { prefix, placed, dataBytes } = planLayout(entries, metadata);
  const file = new Uint8Array(prefix.length + dataBytes);
  file.set(prefix);
  for (const { entry, begin, end } of placed) {
    if (entry.data.length !== end - begin)
      throw refuse(entry.name, `it has ${entry.data.length} bytes, its shape and dtype need ${end - begin}`);
    file.set(entry.data, prefix.length + begin);
  }
  return file;
}

/** A tensor whose bytes are asked for when its turn comes. */
export interface StreamEntry extends TensorShape {
  readonly bytes: () => AsyncIterable<Uint8Array>;
}

/** The same file as a stream, in the memory of one chunk. Fails before the header when no file can hold the entries. */
export function safetensorsStream(entries: Iterable<StreamEntry>, metadata?: ReadonlyMap<string, string>): AsyncIterable<Uint8Array> {
  const { prefix, placed } = planLayout(entries, metadata);
  return (async function* () {
    yield prefix;
    for (const { entry, begin, end } of placed) {
      let left = end - begin;
      for await (const chunk of entry.bytes()) {
        left -= chunk.length;
        if (left < 0) break;
        yield chunk;
      }
      if (left !== 0)
        throw refuse(entry.name, `its stream is ${left < 0 ? "longer" : "shorter"} than the ${end - begin} bytes of its shape and dtype`);
    }
  })();
}
