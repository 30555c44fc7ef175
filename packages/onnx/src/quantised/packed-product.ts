import { intAttribute } from "../attributes.ts";
import type { GraphIndex } from "../graph-index.ts";
import type { NodeProto, TensorProto } from "../proto/onnx_pb.ts";
import type { Weights } from "../weights.ts";
import { isPacked, readNumbers, smallNumbers } from "./codes.ts";
import type { AffineCodes } from "./recode.ts";

/** A weight [N, K] that a product reads packed, by ONNX Runtime's own operators. */
export interface PackedWeight {
  /** [out, in] */
  readonly dims: readonly [number, number];
  readonly packed: TensorProto;
  readonly codes?: AffineCodes | undefined;
  read(weights: Weights): Promise<Float32Array>;
}

/** The sixteen values of NF4 (Dettmers et al. 2023, appendix E): quantiles of a normal distribution between −1 and 1. */
export const NF4: readonly number[] = [
  -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0,
  0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941,
  0.7229568362236023, 1,
];

/** The weight of a `MatMulNBits` of 4 or 8 bits, or of a `MatMulBnb4` in NF4; undefined for other nodes and forms. */
export function packedWeight(index: GraphIndex, node: NodeProto): PackedWeight | undefined {
  return node.domain === "com.microsoft" ? PRODUCTS[node.opType]?.(index, node) : undefined;
}

const PRODUCTS: Readonly<Record<string, (index: GraphIndex, node: NodeProto) => PackedWeight | undefined>> = {
  MatMulNBits: (index, node) => {
    const form = nBitsForm(node);
    const [, b = "", scales = "", zeros = "", order = ""] = node.input;
    const [packed, scale, zero] = [index.constant(b), index.constant(scales), zeros === "" ? undefined : index.constant(zeros)];
    if (packed === undefined || scale === undefined || !isPacked(packed) || order !== "" || ![4, 8].includes(form.bits)) return undefined;
    if (zeros !== "" && zero === undefined) return undefined;
    const { in: columns, block, blocks } = form;
    return {
      dims: [form.out, form.in],
      packed,
      codes: {
        tensor: packed,
        bits: form.bits,
        place: (value) => Math.floor(value / columns) * blocks * block + (value % columns),
        affine: async (weights) =>
          nBitsAffine(form, {
            scales: (await readNumbers(scale, weights)).values,
            zeros: zero && (await zeroPoints(zero, { form, weights })),
          }),
      },
      read: async (weights) =>
        nBitsValues(form, {
          codes: await weights.read(packed),
          scales: (await readNumbers(scale, weights)).values,
          zeros: zero && (await zeroPoints(zero, { form, weights })),
        }),
    };
  },
  MatMulBnb4: (index, node) => {
    const [, b = "", maxima = ""] = node.input;
    const [packed, scale] = [index.constant(b), index.constant(maxima)];
    if (packed === undefined || scale === undefined || intAttribute(node, "quant_type", 1) !== 1 || intAttribute(node, "transB", 1) !== 1)
      return undefined;
    const [out, columns, block] = [intAttribute(node, "N", 0), intAttribute(node, "K", 0), intAttribute(node, "block_size", 64)];
    return {
      dims: [out, columns],
      packed,
      async read(weights) {
        const codes = await weights.read(packed);
        const scales = (await readNumbers(scale, weights)).values;
        return Float32Array.from({ length: out * columns }, (_, place) => {
          const byte = codes[place >> 1] ?? 0;
          // The first of two stands in the high bits.
          return (NF4[place % 2 === 0 ? byte >> 4 : byte & 15] ?? 0) * (scales[Math.floor(place / block)] ?? 0);
        });
      },
    };
  },
};

/** How a `MatMulNBits` lies: rows of blocks along the input, each padded to whole blocks. */
export interface NBitsForm {
  readonly out: number;
  readonly in: number;
  readonly bits: number;
  readonly block: number;
  readonly blocks: number;
}

/** Reads the form from the attributes. */
export function nBitsForm(node: NodeProto): NBitsForm {
  const [columns, block] = [intAttribute(node, "K", 0), Math.max(1, intAttribute(node, "block_size", 32))];
  return { out: intAttribute(node, "N", 0), in: columns, bits: intAttribute(node, "bits", 4), block, blocks: Math.ceil(columns / block) };
}

function nBitsValues(
  { out, in: columns, bits, block, blocks }: NBitsForm,
  { codes, scales, zeros }: { codes: Uint8Array; scales: Float32Array; zeros: Float32Array | undefined },
): Float32Array {
  const unpacked = smallNumbersOf(codes, { bits, count: out * blocks * block });
  const values = new Float32Array(out * columns);
  for (let row = 0; row < out; row++)
    for (let column = 0; column < columns; column++) {
      const at = row * blocks + Math.floor(column / block);
      values[row * columns + column] =
        ((unpacked[row * blocks * block + column] ?? 0) - (zeros?.[at] ?? 2 ** (bits - 1))) * (scales[at] ?? 0);
    }
  return values;
}

/** value = offset + code · slope. */
function nBitsAffine(
  { out, in: columns, bits, block, blocks }: NBitsForm,
  { scales, zeros }: { scales: Float32Array; zeros: Float32Array | undefined },
): { offset: Float32Array; slope: Float32Array } {
  const [offset, slope] = [new Float32Array(out * columns), new Float32Array(out * columns)];
  for (let index = 0; index < offset.length; index++) {
    const at = Math.floor(index / columns) * blocks + Math.floor((index % columns) / block);
    slope[index] = scales[at] ?? 0;
    offset[index] = -(zeros?.[at] ?? 2 ** (bits - 1)) * (scales[at] ?? 0);
  }
  return { offset, slope };
}

/** Zero points of the blocks: packed like the codes, each row filled to whole bytes, or numbers of the scales' type. */
async function zeroPoints(zero: TensorProto, { form, weights }: { form: NBitsForm; weights: Weights }): Promise<Float32Array> {
  if (!isPacked(zero)) return (await readNumbers(zero, weights)).values;
  const bytes = await weights.read(zero);
  const each = 8 / form.bits;
  const width = Math.ceil(form.blocks / each) * each;
  const unpacked = smallNumbersOf(bytes, { bits: form.bits, count: form.out * width });
  return Float32Array.from(
    { length: form.out * form.blocks },
    (_, at) => unpacked[Math.floor(at / form.blocks) * width + (at % form.blocks)] ?? 0,
  );
}

function smallNumbersOf(bytes: Uint8Array, { bits, count }: { bits: number; count: number }): Float32Array {
  return bits === 8 ? Float32Array.from(bytes) : smallNumbers(bytes, { bits, signed: false, count });
}
