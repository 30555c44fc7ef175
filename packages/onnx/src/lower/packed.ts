import type { TensorProto } from "../proto/onnx_pb.ts";
import { tensorBytes, tensorDims } from "../tensor-bytes.ts";
import { rawTensor } from "../tensor.ts";
import { dataTypeName } from "../types.ts";
import type { Weights } from "../weights.ts";

/** Some columns of a packed matrix, or some numbers of a packed vector, as a tensor of its own. */
export async function unpack(
  packed: TensorProto,
  options: { name: string; from: number; to: number; weights: Weights },
): Promise<TensorProto> {
  const { name, from, to, weights } = options;
  const dims = tensorDims(packed);
  const [columns = 0, rows = 1] = dims.toReversed();
  const size = tensorBytes(packed) / (rows * columns);
  const bytes = await weights.read(packed);
  const part = new Uint8Array(rows * (to - from) * size);
  for (let row = 0; row < rows; row++) {
    const start = (row * columns + from) * size;
    part.set(bytes.subarray(start, start + (to - from) * size), row * (to - from) * size);
  }
  return rawTensor(name, { type: dataTypeName(packed.dataType), dims: [...dims.slice(0, -1), to - from], bytes: part });
}
