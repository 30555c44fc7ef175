/** A number with the digits that matter. */
export function written(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString("en");
  return Math.abs(value) >= 0.001 ? String(Number(value.toPrecision(4))) : value.toExponential(2);
}
