import type { TensorProto } from "../proto/onnx_pb.ts";
import { rawTensor } from "../tensor.ts";
import { ELEMENT_BITS, tensorDims } from "../tensor-bytes.ts";
import { dataTypeName } from "../types.ts";
import type { Weights } from "../weights.ts";
import { standInCodes } from "./stand-in.ts";

/** How the codes of a weight make its values: value = offset + code · slope, one of each per value. */
export interface AffineCodes {
  /** The stored codes. */
  readonly tensor: TensorProto;
  /** Bits of a code where the tensor's type does not say them. */
  readonly bits?: number;
  /** Where the code of a value stands; the values' own order by default. */
  readonly place?: (value: number) => number;
  affine(weights: Weights): Promise<{ readonly offset: Float32Array; readonly slope: Float32Array }>;
}

/** New codes for a weight, with the scales and zero points that it has. */
export interface Recoded {
  /** Under the name of the stored codes. */
  readonly tensor: TensorProto;
  /** What the new codes mean. */
  readonly values: Float32Array;
  /** Share of the codes that are others than before. */
  readonly changed: number;
}

/**
 * Rounds values to the codes of a quantised matrix: `tensor` is the stand-in that `matrices` gives, and the values lie as it does.
 * Undefined where its codes have no formula, as those of a table of sixteen numbers.
 */
export async function recode(tensor: TensorProto, values: Float32Array, weights: Weights): Promise<Recoded | undefined> {
  const codes = standInCodes(tensor);
  if (codes === undefined) return undefined;
  const { offset, slope } = await codes.affine(weights);
  if (offset.length !== values.length) return undefined;
  const stored = codes.tensor;
  const type = dataTypeName(stored.dataType);
  const bits = codes.bits ?? ELEMENT_BITS[type] ?? 8;
  const signed = !type.startsWith("u");
  const [least, most] = signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
  const bytes = (await weights.read(stored)).slice();
  const each = 8 / bits;
  const mask = 2 ** bits - 1;
  const result = new Float32Array(values.length);
  let changed = 0;
  for (let index = 0; index < values.length; index++) {
    const at = codes.place?.(index) ?? index;
    const byte = Math.floor(at / each);
    const shift = (at % each) * bits;
    const before = ((bytes[byte] as number) >> shift) & mask;
    const [from, step] = [offset[index] as number, slope[index] as number];
    const own = signed && before >= 2 ** (bits - 1) ? before - 2 ** bits : before;
    const code = step === 0 ? own : Math.min(most, Math.max(least, Math.round(((values[index] as number) - from) / step)));
    result[index] = from + code * step;
    if (code === own) continue;
    changed++;
    bytes[byte] = ((bytes[byte] as number) & ~(mask << shift)) | ((code & mask) << shift);
  }
  return { tensor: rawTensor(stored.name, { type, dims: tensorDims(stored), bytes }), values: result, changed: changed / values.length };
}
