/** Latencies of one shape, in milliseconds by contender; the first is what the others are compared with. */
export interface ShapeLatencies {
  readonly shape: string;
  readonly values: readonly (readonly [name: string, milliseconds: number])[];
}

const [BAR, GAP, LEFT, WIDTH] = [16, 28, 120, 320];

/** Bars of every contender's share of the base's time, shape by shape, as an SVG document. */
export function latencyPicture(table: readonly ShapeLatencies[]): string {
  const most = Math.max(...table.flatMap(({ values }) => values.map(([, value]) => value / (values[0]?.[1] ?? 1))));
  let y = GAP;
  const parts: string[] = [];
  for (const { shape, values } of table) {
    parts.push(`<text x="8" y="${y - 6}" font-weight="bold">${shape}</text>`);
    const base = values[0]?.[1] ?? 1;
    for (const [name, value] of values) {
      const width = ((value / base / most) * WIDTH).toFixed(1);
      parts.push(
        `<text x="${LEFT - 6}" y="${y + 12}" text-anchor="end">${name}</text>`,
        `<rect x="${LEFT}" y="${y}" width="${width}" height="${BAR - 4}" fill="#06c"/>`,
        `<text x="${LEFT + Number(width) + 6}" y="${y + 11}">${value.toFixed(2)} ms, ${(value / base).toFixed(3)}</text>`,
      );
      y += BAR;
    }
    y += GAP;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + 140} ${y}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
${parts.join("\n")}
</svg>
`;
}
