import { formatTable } from "@graft/terminal";
import type { MeasurementOptions } from "../measurement.ts";
import { fuzzValidator } from "./fuzz-validator.ts";

/** Mutants of one seed. */
const BATCH = 50_000;

/** `npm run bench -- fuzz`: a million mutants of an adapter against the validator, and what memory it took. */
export async function fuzz({ count, seed }: MeasurementOptions): Promise<void> {
  const start = performance.now();
  const refused: Record<string, number> = {};
  const faults: string[] = [];
  let [done, accepted, slowest, peak] = [0, 0, 0, 0];
  for (let batch = 0; done < count && faults.length === 0; batch++) {
    const result = await fuzzValidator({ seed: seed + batch, count: Math.min(BATCH, count - done) });
    done += result.mutants;
    accepted += result.accepted;
    slowest = Math.max(slowest, result.slowestMilliseconds);
    peak = Math.max(peak, process.memoryUsage().rss);
    for (const [code, times] of Object.entries(result.refused)) refused[code] = (refused[code] ?? 0) + times;
    faults.push(...result.faults);
  }
  const seconds = (performance.now() - start) / 1000;
  const rows = [
    ["seeds from", String(seed)],
    ["mutants", String(done)],
    ["accepted", String(accepted)],
    ...Object.entries(refused)
      .toSorted(([, left], [, right]) => right - left)
      .map(([code, times]) => [code, String(times)]),
    ["slowest", `${slowest.toFixed(1)} ms`],
    ["largest memory", `${Math.round(peak / 2 ** 20)} MiB`],
    ["time", `${seconds.toFixed(0)} s`],
    ["faults", String(faults.length)],
  ];
  process.stdout.write(`${formatTable(rows).join("\n")}\n${faults.map((fault) => `${fault}\n`).join("")}`);
  if (faults.length > 0) process.exitCode = 1;
}
