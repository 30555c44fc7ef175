import { GraftError } from "@graft/error";
import { type ByteSource, bytesSource, type Dtype, toFloat32 } from "@graft/safetensors";
import { subgraphs } from "./attributes.ts";
import { constantTensor } from "./constant-node.ts";
import type { GraphProto, ModelProto, TensorProto } from "./proto/onnx_pb.ts";
import { standInReader } from "./quantised/stand-in.ts";
import { type ExternalLocation, externalLocation } from "./tensor.ts";
import { inlineBytes, tensorBytes } from "./tensor-bytes.ts";
import { dataTypeName, type DataTypeName } from "./types.ts";

/** A range of a tensor's bytes; all of them by default. */
export interface ByteRange {
  readonly begin?: number;
  readonly end?: number;
}

/** Reads the bytes of any tensor of a model: little-endian, row-major, wherever the model keeps them. */
export interface Weights {
  /** READ_FAILED or ONNX_INVALID when they are not there. What is given may be a view into the model. */
  read(tensor: TensorProto, range?: ByteRange): Promise<Uint8Array>;
  /** The same into memory of the caller, as many bytes as it has from `begin` on; for large weights, where new memory costs more than reading. */
  readInto?(tensor: TensorProto, into: Uint8Array, begin: number): Promise<void>;
}

/** A source that can also read into memory of the caller. */
export interface WeightSource extends ByteSource {
  readInto?(offset: number, into: Uint8Array): Promise<void>;
}

/** Float types and their names in safetensors. */
const FLOATS: Readonly<Partial<Record<DataTypeName, Dtype>>> = {
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
  float64: "F64",
  float8e4m3fn: "F8_E4M3",
  float8e4m3fnuz: "F8_E4M3FNUZ",
  float8e5m2: "F8_E5M2",
  float8e5m2fnuz: "F8_E5M2FNUZ",
  float8e8m0: "F8_E8M0",
};

/**
 * Weights of a model whose external files `open` finds by their location. Each read opens and closes its source, so nothing
 * is held. ONNX_INVALID when a location is absolute or leaves the model's folder.
 */
export function modelWeights(model: ModelProto, open: (location: string) => Promise<WeightSource>): Weights {
  for (const tensor of allTensors(model)) checkLocation(tensor);
  const withSource = async <T>(tensor: TensorProto, use: (source: WeightSource, offset: number) => Promise<T>): Promise<T> => {
    const place = checkLocation(tensor);
    if (place === undefined) return use(bytesSource(inlineBytes(tensor)), 0);
    const size = tensorBytes(tensor);
    if (place.length !== undefined && place.length < size) {
      throw new GraftError(
        "ONNX_INVALID",
        `Cannot read "${tensor.name}": ${place.length} bytes of "${place.location}" are set aside for it, want ${size}`,
      );
    }
    const source = await open(place.location);
    try {
      return await use(source, place.offset);
    } finally {
      await source.close();
    }
  };
  return {
    async read(tensor, range = {}) {
      const { begin, end } = checkRange(tensor, range);
      return withSource(tensor, (source, offset) => source.read(offset + begin, end - begin));
    },
    async readInto(tensor, into, from) {
      const { begin, end } = checkRange(tensor, { begin: from, end: from + into.byteLength });
      await withSource(tensor, async (source, offset) => {
        if (source.readInto === undefined) into.set(await source.read(offset + begin, end - begin));
        else await source.readInto(offset + begin, into);
      });
    },
  };
}

/** Values of a float tensor as float32, row-major; exact for every narrower type. ONNX_UNSUPPORTED for other types. */
export async function floatValues(tensor: TensorProto, weights: Weights, range?: ByteRange): Promise<Float32Array> {
  const read = standInReader(tensor);
  if (read !== undefined)
    return (await read(weights)).subarray((range?.begin ?? 0) / 4, range?.end === undefined ? undefined : range.end / 4);
  return toFloat32(floatDtype(tensor), await weights.read(tensor, range));
}

/** Whether a tensor holds real floating-point numbers. */
export function isFloat(tensor: TensorProto): boolean {
  return FLOATS[dataTypeName(tensor.dataType)] !== undefined;
}

/** The safetensors name of a float tensor's element type. */
function floatDtype(tensor: TensorProto): Dtype {
  const name = dataTypeName(tensor.dataType);
  const dtype = FLOATS[name];
  if (dtype === undefined) throw new GraftError("ONNX_UNSUPPORTED", `Cannot read "${tensor.name}" as float32: it is ${name}`);
  return dtype;
}

function checkRange(tensor: TensorProto, range: ByteRange): { begin: number; end: number } {
  const size = tensorBytes(tensor);
  const { begin = 0, end = size } = range;
  if (begin < 0 || end < begin || end > size)
    throw new GraftError("READ_FAILED", `Cannot read bytes ${begin} to ${end} of "${tensor.name}": it has ${size}`);
  return { begin, end };
}

function checkLocation(tensor: TensorProto): ExternalLocation | undefined {
  const place = externalLocation(tensor);
  if (place === undefined) return undefined;
  const { location, offset } = place;
  const leaves = location === "" || /^([/\\]|[A-Za-z]:)/.test(location) || location.split(/[/\\]/).includes("..");
  if (leaves)
    throw new GraftError("ONNX_INVALID", `Cannot read "${tensor.name}": its location "${location}" is not inside the model's folder`);
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw new GraftError("ONNX_INVALID", `Cannot read "${tensor.name}": its offset is ${offset}`);
  return place;
}

function* allTensors(model: ModelProto): Iterable<TensorProto> {
  if (model.graph !== undefined) yield* graphTensors(model.graph);
}

function* graphTensors(graph: GraphProto): Iterable<TensorProto> {
  yield* graph.initializer;
  for (const node of graph.node) {
    const tensor = constantTensor(node);
    if (tensor !== undefined) yield tensor;
    for (const inner of subgraphs(node)) yield* graphTensors(inner);
  }
}
