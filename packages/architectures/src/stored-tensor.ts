import { GraftError } from "@graft/error";
import { externalTensor, type DataTypeName, type TensorProto } from "@graft/onnx";
import type { Dtype, Header } from "@graft/safetensors";

/** A tensor of a checkpoint and where its bytes lie: a file beside the graph, and a range in it. */
export interface StoredTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** Element types a weight can have; anything but float32 is cast in the graph. */
const FLOATS: Readonly<Partial<Record<Dtype, DataTypeName>>> = { F32: "float32", F16: "float16", BF16: "bfloat16", F64: "float64" };

/** The tensors of one safetensors file that lies at `location`. */
export function storedTensors(header: Header, options: { location: string; dataOffset?: number }): StoredTensor[] {
  const start = options.dataOffset ?? header.dataOffset;
  return Array.from(header.tensors.values(), ({ name, dtype, shape, begin, end }) => ({
    name,
    dtype,
    shape,
    location: options.location,
    offset: start + begin,
    length: end - begin,
  }));
}

/** A reference from a graph to a stored float tensor, under the name that the graph gives it. */
export function reference(tensor: StoredTensor, name: string): TensorProto {
  const type = FLOATS[tensor.dtype];
  if (type === undefined) {
    throw new GraftError(
      "ARCHITECTURE_UNSUPPORTED",
      `Cannot build the checkpoint: the tensor "${tensor.name}" is ${tensor.dtype}, want one of ${Object.keys(FLOATS).join(", ")}`,
      {
        hint: "Save the checkpoint in float32, float16 or bfloat16",
      },
    );
  }
  return externalTensor(name, { type, dims: tensor.shape, location: tensor.location, offset: tensor.offset, length: tensor.length });
}
