import type { TargetSpectrum } from "./adapter-spectrum.ts";

/** Side of a cell of the strengths, of one of the similarities, and the widths around them, in pixels. */
const CELL = { width: 14, height: 16 };
const DOT = 3;
const GAP = 12;
const CHARACTER = 6.6;

/**
 * A picture of what an adapter learned, as SVG: one row for each target with the strength σᵢ / σ₁ of every direction, the directions
 * that hold 99 % of the delta framed, and φ(i, j) with the other adapter beside it. Colours follow the text's.
 */
export function spectrumPicture(spectra: readonly TargetSpectrum[]): string {
  const label = Math.max(0, ...spectra.map(({ module }) => shortName(module).length)) * CHARACTER + GAP;
  const ranks = Math.max(0, ...spectra.map(({ rank }) => rank));
  // A large rank is drawn narrower, so that the picture stays within a page.
  const width = Math.max(2, Math.min(CELL.width, 448 / Math.max(1, ranks)));
  const strengths = ranks * width;
  const numbers = label + strengths + GAP;
  const maps = numbers + 13 * CHARACTER + GAP;
  const parts: string[] = [];
  let top = CELL.height + GAP;
  for (const { module, singularValues, rank99, effectiveRank, rank, similarity } of spectra) {
    const largest = singularValues[0] ?? 0;
    const cells = singularValues.map((value, index) =>
      cell({ x: label + index * width, y: top, width, height: CELL.height - 2 }, largest === 0 ? 0 : value / largest),
    );
    parts.push(
      text(0, top + 11, shortName(module)),
      ...cells,
      `<rect x="${round(label)}" y="${top}" width="${round(rank99 * width)}" height="${CELL.height - 2}" fill="none" stroke="currentColor"/>`,
      text(numbers, top + 11, `${effectiveRank.toFixed(1)} of ${rank}`),
    );
    let height = CELL.height;
    if (similarity !== undefined) {
      const step = Math.max(1, Math.min(DOT, 96 / Math.max(similarity.length, similarity[0]?.length ?? 1)));
      for (const [i, row] of similarity.entries())
        for (const [j, value] of row.entries())
          parts.push(cell({ x: maps + j * step, y: top + i * step, width: step, height: step }, value));
      height = Math.max(height, similarity.length * step + 4);
    }
    top += height;
  }
  const across = spectra.some(({ similarity }) => similarity !== undefined) ? maps + 130 : maps;
  const head = [
    text(label, 11, "strength of each direction"),
    text(numbers, 11, "effective rank"),
    ...(across > maps ? [text(maps + 2 * GAP, 11, "φ(i, j)")] : []),
  ];
  const size = `width="${Math.ceil(across)}" height="${Math.ceil(top + GAP)}" viewBox="0 0 ${Math.ceil(across)} ${Math.ceil(top + GAP)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="system-ui, sans-serif" font-size="11" fill="currentColor" role="img" aria-label="Singular values of the deltas">${[...head, ...parts].join("")}</svg>`;
}

/** The layer and the last names: what tells targets of one model apart. */
function shortName(module: string): string {
  const parts = module.split(".");
  const layer = parts.findIndex((part) => /^\d+$/.test(part));
  return layer < 0 ? parts.slice(-3).join(".") : [parts[layer], ...parts.slice(layer + 1).slice(-2)].join(".");
}

function cell({ x, y, width, height }: { x: number; y: number; width: number; height: number }, value: number): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill-opacity="${round(0.04 + 0.96 * value)}"/>`;
}

function text(x: number, y: number, value: string): string {
  return `<text x="${round(x)}" y="${round(y)}">${value.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</text>`;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
