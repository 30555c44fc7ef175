import { create } from "@bufbuild/protobuf";
import { type TensorProto, TensorProtoSchema } from "../proto/onnx_pb.ts";
import { DataType } from "../types.ts";
import type { Weights } from "../weights.ts";
import type { AffineCodes } from "./recode.ts";

type Read = (weights: Weights) => Promise<Float32Array>;

/** What a stand-in stands for. */
interface StandIn {
  readonly read: Read;
  /** How its codes can be written anew, where that is known. */
  readonly codes?: AffineCodes | undefined;
}

const STAND_INS = new WeakMap<TensorProto, StandIn>();

/** A float32 tensor that is in no file: its values are those that a quantised weight is computed with. */
export function standIn(name: string, { dims, ...own }: StandIn & { readonly dims: readonly number[] }): TensorProto {
  const tensor = create(TensorProtoSchema, { name, dataType: DataType.float32, dims: dims.map(BigInt) });
  STAND_INS.set(tensor, own);
  return tensor;
}

/** How the values of a stand-in are read; undefined for a tensor that is stored. */
export function standInReader(tensor: TensorProto): Read | undefined {
  return STAND_INS.get(tensor)?.read;
}

/** The codes behind a stand-in; undefined where they cannot be written. */
export function standInCodes(tensor: TensorProto): AffineCodes | undefined {
  return STAND_INS.get(tensor)?.codes;
}
