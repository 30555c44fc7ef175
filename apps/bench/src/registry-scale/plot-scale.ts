/** What one kind of question costs at one size, in milliseconds. */
export interface ScalePoint {
  readonly kind: string;
  readonly size: number;
  readonly median: number;
  readonly worst: number;
}

const [WIDTH, HEIGHT, MARGIN, LEGEND] = [520, 320, 50, 240];
const COLOURS = ["#06c", "#c60", "#090", "#909", "#c00", "#099", "#660", "#666"];
const DASHES = ["", "6 3"];
/** Milliseconds at the bottom and at the top. */
const [LEAST, MOST] = [0.1, 100];

/** Cost (p99) against size, both by powers of ten, as an SVG document; the line is the target of 20 ms. */
export function plotScale(points: readonly ScalePoint[]): string {
  const sizes = [...new Set(points.map(({ size }) => size))].toSorted((one, other) => one - other);
  const [smallest, largest] = [(sizes[0] ?? 1) / 2, (sizes.at(-1) ?? 10) * 2];
  const x = (size: number): string =>
    (MARGIN + ((Math.log(size) - Math.log(smallest)) / (Math.log(largest) - Math.log(smallest))) * (WIDTH - MARGIN)).toFixed(1);
  const y = (time: number): string => {
    const share = (Math.log(Math.min(MOST, Math.max(LEAST, time))) - Math.log(LEAST)) / (Math.log(MOST) - Math.log(LEAST));
    return (HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN)).toFixed(1);
  };
  const kinds = [...new Set(points.map(({ kind }) => kind))];
  const drawn = kinds.map((kind, index) => {
    const own = points.filter((point) => point.kind === kind);
    const style = `fill="none" stroke="${COLOURS[index % COLOURS.length]}" stroke-dasharray="${DASHES[Math.floor(index / COLOURS.length) % 2]}"`;
    const line = `<polyline ${style} points="${own.map(({ size, worst }) => `${x(size)},${y(worst)}`).join(" ")}"/>`;
    const dots = own.map(
      ({ size, worst }) => `<circle r="2.5" fill="${COLOURS[index % COLOURS.length]}" cx="${x(size)}" cy="${y(worst)}"/>`,
    );
    const [left, top] = [WIDTH + 20, MARGIN + index * 17];
    return `${line}${dots.join("")}<line ${style} x1="${left}" x2="${left + 20}" y1="${top}" y2="${top}"/><text x="${left + 26}" y="${top + 4}">${kind}</text>`;
  });
  const ticks = [0.1, 1, 10, 20, 100].map((time) => `<text x="${MARGIN - 6}" y="${Number(y(time)) + 4}" text-anchor="end">${time}</text>`);
  const names = sizes.map(
    (size) => `<text x="${x(size)}" y="${HEIGHT - MARGIN + 16}" text-anchor="middle">${size.toLocaleString("en")}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH + LEGEND} ${HEIGHT}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${MARGIN}" y="20" font-weight="bold">p99 in ms against adapters in the registry</text>
<polyline fill="none" stroke="#999" points="${MARGIN},${MARGIN} ${MARGIN},${HEIGHT - MARGIN} ${WIDTH},${HEIGHT - MARGIN}"/>
<line stroke="#999" stroke-dasharray="2 3" x1="${MARGIN}" x2="${WIDTH}" y1="${y(20)}" y2="${y(20)}"/>
${[...ticks, ...names, ...drawn].join("\n")}
</svg>
`;
}
