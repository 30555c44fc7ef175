/** One plot: measured points and the curve that fits them. */
export interface Panel {
  readonly title: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  curve(x: number): number;
}

const [WIDTH, HEIGHT, MARGIN, GAP] = [300, 200, 40, 20];
const SAMPLES = 40;

/** Panels side by side as an SVG document, axes from zero. */
export function plotPanels(panels: readonly Panel[], unit: string): string {
  const [width, height] = [panels.length * (WIDTH + GAP) + GAP, HEIGHT + 2 * GAP];
  const drawn = panels.map((panel, index) => `<g transform="translate(${GAP + index * (WIDTH + GAP)} ${GAP})">${draw(panel, unit)}</g>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">
<rect width="${width}" height="${height}" fill="#fff"/>
${drawn.join("\n")}
</svg>
`;
}

function draw({ title, points, curve }: Panel, unit: string): string {
  const [farthest, highest] = [Math.max(...points.map(([x]) => x)), Math.max(...points.map(([, y]) => y)) * 1.1];
  const place = (x: number, y: number): string =>
    `${(MARGIN + (x / farthest) * (WIDTH - MARGIN)).toFixed(1)},${(HEIGHT - MARGIN - (y / highest) * (HEIGHT - 2 * MARGIN)).toFixed(1)}`;
  const line = Array.from({ length: SAMPLES + 1 }, (_, index) => (index / SAMPLES) * farthest).map((x) => place(x, curve(x)));
  const dots = points.map(([x, y]) => `<circle r="3" fill="#06c" cx="${place(x, y).replace(",", '" cy="')}"/>`);
  return [
    `<text x="${MARGIN}" y="14" font-weight="bold">${title}</text>`,
    `<polyline fill="none" stroke="#999" points="${place(0, highest)} ${place(0, 0)} ${place(farthest, 0)}"/>`,
    `<polyline fill="none" stroke="#c60" points="${line.join(" ")}"/>`,
    ...dots,
    `<text x="${WIDTH}" y="${HEIGHT - MARGIN + 14}" text-anchor="end">${farthest}</text>`,
    `<text x="${MARGIN - 4}" y="${MARGIN + 4}" text-anchor="end">${highest.toFixed(0)}</text>`,
    `<text x="${MARGIN - 4}" y="${HEIGHT - MARGIN}" text-anchor="end">0</text>`,
    `<text x="${MARGIN}" y="${HEIGHT - 8}" fill="#666">${unit}</text>`,
  ].join("");
}
