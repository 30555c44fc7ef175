/** A polynomial through points. */
export interface Fit {
  /** Such as "12.3 + 4.56·n". */
  readonly text: string;
  /** Largest relative distance of a point. */
  readonly worst: number;
  at(size: number): number;
}

/** Least squares over relative distances, so that small sizes count as much as large ones: normal equations of a + b·n (+ c·n²). */
export function fitPolynomial(points: readonly (readonly [size: number, value: number])[], degree: 1 | 2): Fit {
  const count = degree + 1;
  const rows = Array.from({ length: count }, () => Array.from({ length: count + 1 }, () => 0));
  for (const [size, value] of points) {
    const terms = [...Array.from({ length: count }, (_, power) => size ** power / value), 1];
    for (const [row, left] of rows.entries())
      for (const [column, right] of terms.entries()) left[column] = (left[column] ?? 0) + (terms[row] ?? 0) * right;
  }
  const solved = solve(rows);
  const at = (size: number): number => solved.reduce((sum, factor, power) => sum + factor * size ** power, 0);
  return {
    text: solved.map((factor, power) => `${factor.toPrecision(3)}${["", "·n", "·n²"][power] ?? ""}`).join(" + "),
    worst: Math.max(...points.map(([size, value]) => Math.abs(at(size) - value) / value)),
    at,
  };
}

/** Gauss and Jordan, with the largest pivot first. */
function solve(system: readonly (readonly number[])[]): number[] {
  const rows = system.map((row) => [...row]);
  for (let place = 0; place < rows.length; place++) {
    const best = rows.slice(place).reduce((left, right) => (Math.abs(left[place] ?? 0) >= Math.abs(right[place] ?? 0) ? left : right));
    const other = rows.indexOf(best);
    [rows[place], rows[other]] = [best, rows[place] ?? []];
    for (const [index, row] of rows.entries()) {
      if (index === place) continue;
      const factor = (row[place] ?? 0) / (best[place] ?? 1);
      rows[index] = row.map((value, column) => value - factor * (best[column] ?? 0));
    }
  }
  return rows.map((row, place) => (row.at(-1) ?? 0) / (row[place] ?? 1));
}
