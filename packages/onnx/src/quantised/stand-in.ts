import { create } from "@bufbuild/protobuf";
import { type TensorProto, TensorProtoSchema } from "../proto/onnx_pb.ts";
import { DataType } from "../types.ts";
import type { Weights } from "../weights.ts";

type Read = (weights: Weights) => Promise<Float32Array>;

const READERS = new WeakMap<TensorProto, Read>();

/** A float32 tensor that is in no file: its values are those that a quantised weight is computed with. */
export function standIn(name: string, { dims, read }: { readonly dims: readonly number[]; readonly read: Read }): TensorProto {
  const tensor = create(TensorProtoSchema, { name, dataType: DataType.float32, dims: dims.map(BigInt) });
  READERS.set(tensor, read);
  return tensor;
}

/** How the values of a stand-in are read; undefined for a tensor that is stored. */
export function standInReader(tensor: TensorProto): Read | undefined {
  return READERS.get(tensor);
}
