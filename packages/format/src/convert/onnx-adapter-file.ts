import { GraftError } from "@graft/error";
import { ADAPTER_LIMITS, byteLength, type Dtype, isTensorName, type Tensor } from "@graft/safetensors";
import { Builder } from "flatbuffers";
import { LIMITS } from "../limits.ts";
import { FlatReader, type FlatTable } from "./flat-reader.ts";

/** What ONNX Runtime reads from a `.onnx_adapter` file: values that are fed to graph inputs by name. It knows no base, rank or scale. */
export interface OnnxAdapter {
  /** Two numbers that nobody checks. */
  readonly adapterVersion: number;
  readonly modelVersion: number;
  readonly parameters: ReadonlyMap<string, Tensor>;
}

/** The only version of the format, and what stands behind the offset of its root. */
const FORMAT_VERSION = 1;
const IDENTIFIER = "TORT";

/** Element types by their numbers in ONNX; texts and the like are no weights. */
const TYPES: ReadonlyMap<number, Dtype> = new Map([
  [1, "F32"],
  [10, "F16"],
  [16, "BF16"],
]);

/** Fields of the tables Adapter and Parameter, in the order of onnxruntime's adapter_schema.fbs. */
const ADAPTER = { formatVersion: 0, adapterVersion: 1, modelVersion: 2, parameters: 3 } as const;
const PARAMETER = { name: 0, dims: 1, dataType: 2, rawData: 3 } as const;

/** Bytes of a `.onnx_adapter`. CONVERT_UNSUPPORTED for a type that ONNX Runtime's adapters do not have. */
export function encodeOnnxAdapter({ adapterVersion, modelVersion, parameters }: OnnxAdapter): Uint8Array {
  const size = [...parameters.values()].reduce((sum, { data }) => sum + data.length + 256, 1024);
  const builder = new Builder(size);
  const offsets: number[] = [];
  for (const [name, { dtype, shape, data }] of parameters) {
    const type = [...TYPES].find(([, known]) => known === dtype)?.[0];
    if (type === undefined) throw new GraftError("CONVERT_UNSUPPORTED", `Cannot write "${name}" into a .onnx_adapter: it is ${dtype}`);
    const nameOffset = builder.createString(name);
    builder.startVector(8, shape.length, 8);
    for (const dim of shape.toReversed()) builder.addInt64(BigInt(dim));
    const dims = builder.endVector();
    // The runtime uses the bytes where they are, as numbers.
    builder.prep(8, data.length);
    const raw = builder.createByteVector(data);
    builder.startObject(4);
    builder.addFieldOffset(PARAMETER.name, nameOffset, 0);
    builder.addFieldOffset(PARAMETER.dims, dims, 0);
    builder.addFieldInt32(PARAMETER.dataType, type, 0);
    builder.addFieldOffset(PARAMETER.rawData, raw, 0);
    offsets.push(builder.endObject());
  }
  builder.startVector(4, offsets.length, 4);
  for (const offset of offsets.toReversed()) builder.addOffset(offset);
  const list = builder.endVector();
  builder.startObject(4);
  builder.addFieldInt32(ADAPTER.formatVersion, FORMAT_VERSION, 0);
  builder.addFieldInt32(ADAPTER.adapterVersion, adapterVersion, 0);
  builder.addFieldInt32(ADAPTER.modelVersion, modelVersion, 0);
  builder.addFieldOffset(ADAPTER.parameters, list, 0);
  builder.finish(builder.endObject(), IDENTIFIER);
  return builder.asUint8Array().slice();
}

/** Reads a `.onnx_adapter`, every offset and length of which may lie. CONVERT_INVALID, LIMIT_EXCEEDED. */
export function decodeOnnxAdapter(bytes: Uint8Array): OnnxAdapter {
  const reader = new FlatReader(bytes, IDENTIFIER);
  const root = reader.root();
  const version = root.int32(ADAPTER.formatVersion);
  if (version !== FORMAT_VERSION) throw invalid(`its format has version ${version}, want ${FORMAT_VERSION}`);
  const parameters = new Map<string, Tensor>();
  for (const table of root.tables(ADAPTER.parameters, ADAPTER_LIMITS.tensors)) {
    const [name, tensor] = readParameter(table);
    if (parameters.has(name)) throw invalid(`"${name}" comes twice`);
    parameters.set(name, tensor);
  }
  if (parameters.size === 0) throw invalid("it has no parameters");
  return { adapterVersion: root.int32(ADAPTER.adapterVersion), modelVersion: root.int32(ADAPTER.modelVersion), parameters };
}

function readParameter(table: FlatTable): [string, Tensor] {
  const name = table.text(PARAMETER.name, ADAPTER_LIMITS.nameLength);
  if (!isTensorName(name)) throw invalid(`${JSON.stringify(name.slice(0, 100))} is no plain name`);
  const type = table.int32(PARAMETER.dataType);
  const dtype = TYPES.get(type);
  if (dtype === undefined) throw invalid(`the type of "${name}" has the number ${type}, want one of ${[...TYPES.keys()].join(", ")}`);
  const shape = table.int64s(PARAMETER.dims, ADAPTER_LIMITS.rank).map((dim) => {
    if (dim < 0n || dim > BigInt(LIMITS.dimension)) throw invalid(`"${name}" has a dimension of ${dim}`);
    return Number(dim);
  });
  const data = table.bytes(PARAMETER.rawData);
  const wanted = byteLength(dtype, shape);
  if (wanted !== data.length) throw invalid(`"${name}" of shape [${shape.join(", ")}] has ${data.length} bytes, want ${wanted}`);
  return [name, { dtype, shape, data }];
}

function invalid(why: string): GraftError {
  return new GraftError("CONVERT_INVALID", `Cannot read the .onnx_adapter: ${why}`, {
    hint: "Check that it was written by ONNX Runtime or Olive, and not cut off",
  });
}
