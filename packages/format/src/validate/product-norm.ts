/** Values of a tensor, row-major, in pieces of any length. */
export type Pieces = AsyncIterable<Float32Array>;

/** A pair whose product is B·A: A is [rank, in], B is [out, rank]. */
export interface Pair {
  readonly rank: number;
  readonly in: number;
  readonly a: () => Pieces;
  readonly b: () => Pieces;
}

/** A norm, and whether it is exact or an estimate from random probes. */
export interface ProductNorm {
  readonly norm: number;
  readonly isExact: boolean;
}

/** Beyond either, exact norms cost more than reading the file: rank² products for each column, and A held whole. */
const EXACT_RANK = 16;
const EXACT_VALUES = 4 * 2 ** 20;

/** Random vectors of an estimate: its relative error stays below √(2 / PROBES) (Hutchinson's trace estimator). */
const PROBES = 8;

/** Frobenius norm of B·A, which is never made. Small pairs exactly, as trace(BᵀB · AAᵀ); large ones by probes, in flat memory. */
export async function productNorm(pair: Pair): Promise<ProductNorm> {
  const isExact = pair.rank <= EXACT_RANK && pair.rank * pair.in <= EXACT_VALUES;
  const square = isExact ? await exactSquare(pair) : await probedSquare(pair);
  return { norm: Math.sqrt(Math.max(0, square)), isExact };
}

async function exactSquare({ rank, in: columns, a, b }: Pair): Promise<number> {
  const gram = new Float64Array(rank * rank);
  await eachRow(b(), rank, (row) => {
    for (let left = 0; left < rank; left++)
      for (let right = 0; right <= left; right++) add(gram, left * rank + right, at(row, left) * at(row, right));
  });
  const held = new Float32Array(rank * columns);
  let filled = 0;
  for await (const piece of a()) {
    held.set(piece, filled);
    filled += piece.length;
  }
  let square = 0;
  for (let left = 0; left < rank; left++) {
    for (let right = 0; right <= left; right++) {
      let product = 0;
      for (let column = 0; column < columns; column++) product += at(held, left * columns + column) * at(held, right * columns + column);
      square += (left === right ? 1 : 2) * at(gram, left * rank + right) * product;
    }
  }
  return square;
}

/** The mean of ‖B·A·z‖² over vectors z of random signs is ‖B·A‖². */
async function probedSquare({ rank, in: columns, a, b }: Pair): Promise<number> {
  const reduced = new Float64Array(rank * PROBES);
  let index = 0;
  for await (const piece of a()) {
    for (const value of piece) {
      const signs = scrambled(index % columns);
      const row = Math.floor(index / columns) * PROBES;
      for (let probe = 0; probe < PROBES; probe++) add(reduced, row + probe, (signs >>> probe) & 1 ? value : -value);
      index += 1;
    }
  }
  let square = 0;
  const widened = new Float64Array(PROBES);
  await eachRow(b(), rank, (row) => {
    widened.fill(0);
    for (let inner = 0; inner < rank; inner++)
      for (let probe = 0; probe < PROBES; probe++) add(widened, probe, at(row, inner) * at(reduced, inner * PROBES + probe));
    for (const value of widened) square += value * value;
  });
  return square / PROBES;
}

/** Calls with each row of `width` values; a row may lie across pieces. */
async function eachRow(pieces: Pieces, width: number, use: (row: Float32Array) => void): Promise<void> {
  const row = new Float32Array(width);
  let filled = 0;
  for await (const piece of pieces) {
    for (const value of piece) {
      row[filled++] = value;
      if (filled < width) continue;
      use(row);
      filled = 0;
    }
  }
}

/** Bits that look random, the same for the same index: the finaliser of MurmurHash3. */
function scrambled(index: number): number {
  let bits = Math.imul(index ^ (index >>> 16) ^ 0x9e3779b9, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

function at(values: Float32Array | Float64Array, index: number): number {
  return values[index] as number;
}

function add(values: Float64Array, index: number, value: number): void {
  values[index] = (values[index] as number) + value;
}
