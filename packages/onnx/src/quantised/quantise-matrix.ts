import { NF4 } from "./packed-product.ts";

/** How weights are stored by `quantiseModel`: 4-bit normal floats, signed 4 bits, or signed 8 bits. */
export type QuantisedForm = "nf4" | "int4" | "int8";

/** A matrix as codes, and what each is multiplied with. */
export interface QuantisedMatrix {
  /** int8: one code a byte; else two, the first in the low bits. */
  readonly codes: Uint8Array<ArrayBuffer>;
  /** int8: one per output; else one per block along the input, laid out as the codes with that axis shortened. */
  readonly scales: Float32Array;
  /** Values along the input that share a scale. */
  readonly block: number;
}

/** Blocks that are tried, the largest that divides the input first. */
const BLOCKS: Readonly<Record<QuantisedForm, readonly number[]>> = { nf4: [64, 32, 16], int4: [32, 16], int8: [] };

/**
 * Quantises a matrix of `in` × `out` values that lie with the input on `axis` (0: [in, out], 1: [out, in]). int8 and int4 are
 * symmetric; int4 takes the value farthest from zero as −8, so that all sixteen codes are used; nf4 takes the nearest of its sixteen values.
 */
export function quantiseMatrix(
  values: Float32Array,
  options: { readonly form: QuantisedForm; readonly dims: readonly [number, number]; readonly axis: 0 | 1 },
): QuantisedMatrix {
  const { form, dims, axis } = options;
  const inputs = dims[axis];
  const block = BLOCKS[form].find((size) => inputs % size === 0) ?? inputs;
  const blocks = inputs / block;
  const [rows, columns] = dims;
  const scales = new Float32Array(axis === 0 ? blocks * columns : rows * blocks);
  const place = (row: number, column: number): number =>
    axis === 0 ? Math.floor(row / block) * columns + column : row * blocks + Math.floor(column / block);
  // Of each block the value farthest from zero, with its sign.
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const value = values[row * columns + column] as number;
      const at = place(row, column);
      if (Math.abs(value) > Math.abs(scales[at] as number)) scales[at] = value;
    }
  const { scaleOf, codeOf } = FORMS[form];
  for (const [at, extreme] of scales.entries()) scales[at] = scaleOf(extreme);
  const codes = new Uint8Array(form === "int8" ? values.length : Math.ceil(values.length / 2));
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const index = row * columns + column;
      const scale = scales[place(row, column)] as number;
      const code = codeOf(scale === 0 ? 0 : (values[index] as number) / scale);
      if (form === "int8") codes[index] = code & 255;
      else codes[index >> 1] = (codes[index >> 1] as number) | ((code & 15) << (index % 2 === 0 ? 0 : 4));
    }
  return { codes, scales, block };
}

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, Math.round(value)));

const FORMS: Readonly<Record<QuantisedForm, { scaleOf(extreme: number): number; codeOf(value: number): number }>> = {
  int8: { scaleOf: (extreme) => Math.abs(extreme) / 127, codeOf: (value) => clamp(value, -127, 127) },
  int4: { scaleOf: (extreme) => extreme / -8, codeOf: (value) => clamp(value, -8, 7) },
  nf4: { scaleOf: Math.abs, codeOf: nearestNf4 },
};

/** Half-way points between neighbours of the sixteen values. */
const BETWEEN = NF4.slice(1).map((value, index) => (value + (NF4[index] ?? 0)) / 2);

function nearestNf4(value: number): number {
  let [low, high] = [0, BETWEEN.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value > (BETWEEN[middle] ?? 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}
