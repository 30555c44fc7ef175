/** Factors of a delta: A [rank, in], B [out, rank], row-major. */
export interface Factors {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly in: number;
  readonly out: number;
  readonly rank: number;
}

/** ⟨B₁A₁, B₂A₂⟩ / (‖B₁A₁‖ ‖B₂A₂‖), from products of rank × rank: the deltas themselves are never made. 0 when one of them is zero. */
export function deltaCosine(one: Factors, other: Factors): number {
  const norms = Math.sqrt(inner(one, one) * inner(other, other));
  return norms === 0 ? 0 : inner(one, other) / norms;
}

/** ⟨B₁A₁, B₂A₂⟩ = Σᵢⱼ (B₁ᵀB₂)ᵢⱼ (A₁A₂ᵀ)ᵢⱼ. */
function inner(one: Factors, other: Factors): number {
  let sum = 0;
  for (let i = 0; i < one.rank; i++) {
    for (let j = 0; j < other.rank; j++) {
      let [left, right] = [0, 0];
      for (let row = 0; row < one.out; row++) left += (one.b[row * one.rank + i] ?? 0) * (other.b[row * other.rank + j] ?? 0);
      for (let column = 0; column < one.in; column++) right += (one.a[i * one.in + column] ?? 0) * (other.a[j * other.in + column] ?? 0);
      sum += left * right;
    }
  }
  return sum;
}
