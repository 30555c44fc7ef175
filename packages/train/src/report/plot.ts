import { escapeHtml, numberText, tableHtml } from "./html.ts";

/** One curve: its points in the order of x. */
export interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Curves over one axis. */
export interface Plot {
  readonly title: string;
  readonly x: string;
  readonly curves: readonly Curve[];
  /** Powers of ten at equal distances along x. */
  readonly logarithmic?: boolean;
  /** A place along x that is marked, and why. */
  readonly mark?: { readonly x: number; readonly label: string };
}

const [WIDTH, HEIGHT] = [680, 240];
const MARGIN = { left: 64, right: 16, top: 12, bottom: 36 } as const;
/** Points of a curve that are drawn: more than these no screen shows. */
const DRAWN = 400;
/** Rows of the table that says the same as the picture. */
const TABLED = 20;

/** Curves as an SVG picture that needs no script, with a table of the same numbers for who cannot see it. Empty without a finite point. */
export function plotHtml(plot: Plot): string {
  const along = (x: number): number => (plot.logarithmic === true ? Math.log10(x) : x);
  const curves = plot.curves
    .map(({ name, points }) => ({ name, points: points.filter(([x, y]) => Number.isFinite(along(x)) && Number.isFinite(y)) }))
    .filter(({ points }) => points.length > 0);
  const all = curves.flatMap(({ points }) => points);
  if (all.length === 0) return "";
  const xs = range(all.map(([x]) => along(x)));
  const ys = range(all.map(([, y]) => y));
  const place = (x: number, y: number): [number, number] => [
    MARGIN.left + ((along(x) - xs.low) / (xs.high - xs.low)) * (WIDTH - MARGIN.left - MARGIN.right),
    HEIGHT - MARGIN.bottom - ((y - ys.low) / (ys.high - ys.low)) * (HEIGHT - MARGIN.top - MARGIN.bottom),
  ];
  const unit = (value: number): number => (plot.logarithmic === true ? 10 ** value : value);
  const lines = curves.map(({ points }, index) => {
    const path = thin(points).map(([x, y]) =>
      place(x, y)
        .map((value) => value.toFixed(1))
        .join(","),
    );
    return points.length === 1
      ? `<circle class="curve curve-${index % 4}" cx="${path[0]?.split(",")[0]}" cy="${path[0]?.split(",")[1]}" r="3"/>`
      : `<polyline class="curve curve-${index % 4}" points="${path.join(" ")}"/>`;
  });
  const title = escapeHtml(plot.title);
  return [
    `<figure><figcaption>${title}${curves.length > 1 ? `: ${curves.map(({ name }, index) => `<span class="key curve-${index % 4}">${escapeHtml(name)}</span>`).join(", ")}` : ""}</figcaption>`,
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}; the numbers are in the table below">`,
    ...ticks(ys).map((y) => horizontal(y, place(unit(xs.low), y)[1])),
    ...ticks(xs).map((x) => vertical(unit(x), place(unit(x), ys.low)[0])),
    `<text class="axis" x="${(WIDTH + MARGIN.left) / 2}" y="${HEIGHT - 4}" text-anchor="middle">${escapeHtml(plot.x)}</text>`,
    ...lines,
    ...(plot.mark === undefined ? [] : [markSvg(place(plot.mark.x, ys.low)[0], plot.mark.label)]),
    "</svg>",
    `<details><summary>${title} as a table</summary>${tableHtml(tableOf(plot, curves), plot.title)}</details></figure>`,
  ].join("\n");
}

function range(values: readonly number[]): { low: number; high: number } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (low === high) return { low: low - Math.abs(low || 1) / 2, high: high + Math.abs(high || 1) / 2 };
  return { low, high };
}

/** Round numbers from low to high, about five. */
function ticks({ low, high }: { low: number; high: number }): number[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** Means of equal shares of the points. */
function thin(points: Curve["points"]): Curve["points"] {
  if (points.length <= DRAWN) return points;
  return Array.from({ length: DRAWN }, (_, index) => {
    const part = points.slice(Math.floor((index * points.length) / DRAWN), Math.floor(((index + 1) * points.length) / DRAWN));
    const mean = (at: 0 | 1): number => part.reduce((sum, point) => sum + point[at], 0) / part.length;
    return [mean(0), mean(1)] as const;
  });
}

function tableOf({ x }: Plot, curves: readonly Curve[]) {
  const places = [...new Set(curves.flatMap(({ points }) => points.map(([at]) => at)))].sort((left, right) => left - right);
  const step = Math.max(1, Math.ceil(places.length / TABLED));
  const chosen = places.filter((_, index) => index % step === 0 || index === places.length - 1);
  const values = curves.map(({ points }) => new Map(points));
  return { head: [x, ...curves.map(({ name }) => name)], rows: chosen.map((at) => [at, ...values.map((own) => own.get(at) ?? "")]) };
}

function horizontal(value: number, y: number): string {
  return `<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}"/><text class="axis" x="${MARGIN.left - 6}" y="${(y + 4).toFixed(1)}" text-anchor="end">${numberText(value)}</text>`;
}

function vertical(value: number, x: number): string {
  return `<text class="axis" x="${x.toFixed(1)}" y="${HEIGHT - MARGIN.bottom + 15}" text-anchor="middle">${numberText(value)}</text>`;
}

function markSvg(x: number, label: string): string {
  return `<line class="mark" x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${MARGIN.top}" y2="${HEIGHT - MARGIN.bottom}"/><text class="axis" x="${(x + 5).toFixed(1)}" y="${MARGIN.top + 10}">${escapeHtml(label)}</text>`;
}
