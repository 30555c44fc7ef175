import { create } from "@bufbuild/protobuf";
import { StringStringEntryProtoSchema, TensorProtoSchema, type TensorProto } from "./proto/onnx_pb.ts";
import { DataType, type DataTypeName } from "./types.ts";

/** Where the bytes of an external tensor lie: a file beside the model, and a range in it. */
export interface ExternalLocation {
  readonly location: string;
  readonly offset: number;
  /** Bytes; absent when the tensor takes the rest of the file. */
  readonly length?: number;
}

/** A tensor with its bytes inline, little-endian, row-major. */
export function rawTensor(name: string, options: { type: DataTypeName; dims: readonly number[]; bytes: Uint8Array }): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: DataType[options.type],
    dims: options.dims.map(BigInt),
    rawData: options.bytes as Uint8Array<ArrayBuffer>,
  });
}

/** A float32 tensor. */
export function floatTensor(name: string, dims: readonly number[], values: ArrayLike<number>): TensorProto {
  const data = values instanceof Float32Array ? values : Float32Array.from(values);
  return rawTensor(name, { type: "float32", dims, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) });
}

/** An int64 tensor. */
export function intTensor(name: string, dims: readonly number[], values: readonly (number | bigint)[]): TensorProto {
  return rawTensor(name, { type: "int64", dims, bytes: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) });
}

/** A tensor whose bytes stay in a file beside the model. */
export function externalTensor(name: string, options: { type: DataTypeName; dims: readonly number[] } & ExternalLocation): TensorProto {
  const entries = [
    ["location", options.location],
    ["offset", String(options.offset)],
    ...(options.length === undefined ? [] : [["length", String(options.length)]]),
  ];
  return create(TensorProtoSchema, {
    name,
    dataType: DataType[options.type],
    dims: options.dims.map(BigInt),
    dataLocation: 1,
    externalData: entries.map(([key, value]) => create(StringStringEntryProtoSchema, { key: key as string, value: value as string })),
  });
}

/** Where an external tensor lies; undefined for one whose bytes are in the model. */
export function externalLocation(tensor: TensorProto): ExternalLocation | undefined {
  if (tensor.dataLocation !== 1) return undefined;
  const entries = new Map(tensor.externalData.map((entry) => [entry.key, entry.value]));
  const length = entries.get("length");
  return {
    location: entries.get("location") ?? "",
    offset: Number(entries.get("offset") ?? 0),
    ...(length === undefined ? {} : { length: Number(length) }),
  };
}
