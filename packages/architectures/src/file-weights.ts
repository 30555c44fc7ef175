import { externalLocation, type TensorProto } from "@graft/onnx";
import { fileSource } from "@graft/safetensors/node";
import { join } from "node:path";

export interface Weights {
  read(tensor: TensorProto, range?: { readonly begin?: number; readonly end?: number }): Promise<Uint8Array>;
}
export function fileWeights(folder: string): Weights {
  return {
    async read(tensor, range = {}) {
      const place = externalLocation(tensor);
      if (place === undefined) return tensor.rawData.subarray(range.begin ?? 0, range.end);
      const source = await fileSource(join(folder, place.location));
      try {
        const begin = range.begin ?? 0;
        const end = range.end ?? place.length ?? source.size - place.offset;
        return await source.read(place.offset + begin, end - begin);
      } finally {
        await source.close();
      }
    },
  };
}
