/** What rounding left of an adapter in one target. */
export interface RoundedTarget {
  readonly module: string;
  /** Type of the stored numbers or codes. */
  readonly stored: string;
  /** Share of the stored numbers that are others than before. */
  readonly changed: number;
  /** Of the delta that is left with the one that was meant, the cosine between them: 1 where nothing was lost. */
  readonly correlation: number;
  /** Euclidean lengths of the delta that was meant and of the one that is left. */
  readonly meant: number;
  readonly left: number;
}

/** Compares the delta that is left with the one that was meant; all values in one order. */
export function survival(values: {
  readonly before: Float32Array;
  readonly after: Float32Array;
  readonly kept: Float32Array;
}): Pick<RoundedTarget, "correlation" | "meant" | "left"> {
  const { before, after, kept } = values;
  let [wanted, found, both] = [0, 0, 0];
  for (let index = 0; index < before.length; index++) {
    const base = before[index] as number;
    const [want, have] = [(after[index] as number) - base, (kept[index] as number) - base];
    wanted += want * want;
    found += have * have;
    both += want * have;
  }
  const lengths = Math.sqrt(wanted * found);
  return { correlation: wanted === 0 ? 1 : lengths === 0 ? 0 : both / lengths, meant: Math.sqrt(wanted), left: Math.sqrt(found) };
}

/** The correlation over all targets as one: the largest deltas count most. 1 for none. */
export function correlationOf(targets: readonly RoundedTarget[]): number {
  const sum = (value: (target: RoundedTarget) => number): number => targets.reduce((total, target) => total + value(target), 0);
  const wanted = sum(({ meant }) => meant * meant);
  const lengths = Math.sqrt(wanted * sum(({ left }) => left * left));
  return wanted === 0 ? 1 : lengths === 0 ? 0 : sum(({ correlation, meant, left }) => correlation * meant * left) / lengths;
}
