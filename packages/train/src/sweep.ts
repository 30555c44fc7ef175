/** Values to try, by the name of the option. */
export type Axes = Readonly<Record<string, readonly (string | number)[]>>;

/** One combination of values. */
export type Cell = Readonly<Record<string, string | number>>;

/** What the runs of one combination reached, over its seeds. */
export interface CellSummary {
  readonly cell: Cell;
  readonly runs: number;
  /** Mean of each metric, and of several runs the standard deviation (n − 1). */
  readonly metrics: Readonly<Record<string, { readonly mean: number; readonly deviation?: number }>>;
}

/** Every combination of the axes' values; the last axis changes fastest. */
export function gridCells(axes: Axes): readonly Cell[] {
  return Object.entries(axes).reduce<readonly Cell[]>(
    (cells, [name, values]) => cells.flatMap((cell) => values.map((value) => ({ ...cell, [name]: value }))),
    [{}],
  );
}

/** Gathers runs of one combination, best first by a metric. */
export function summariseCells(
  runs: readonly { readonly cell: Cell; readonly metrics: Readonly<Record<string, number>> }[],
  options: { readonly by: string; readonly better: "more" | "less" },
): readonly CellSummary[] {
  const groups = new Map<string, typeof runs>();
  for (const run of runs) {
    const key = JSON.stringify(run.cell);
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const summaries = [...groups.values()].map((group) => ({ cell: group[0]?.cell ?? {}, runs: group.length, metrics: spread(group) }));
  const value = ({ metrics }: CellSummary): number => metrics[options.by]?.mean ?? Number.NaN;
  const sign = options.better === "more" ? -1 : 1;
  return summaries.sort((left, right) => sign * (value(left) - value(right)));
}

function spread(group: readonly { readonly metrics: Readonly<Record<string, number>> }[]): CellSummary["metrics"] {
  return Object.fromEntries(
    Object.keys(group[0]?.metrics ?? {}).map((name) => {
      const values = group.map(({ metrics }) => metrics[name] ?? Number.NaN);
      const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
      const square = values.reduce((sum, each) => sum + (each - mean) ** 2, 0);
      return [name, { mean, ...(values.length < 2 ? {} : { deviation: Math.sqrt(square / (values.length - 1)) }) }];
    }),
  );
}
