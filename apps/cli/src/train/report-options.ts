import type { ArgsDef } from "citty";
import { writeFileWhole } from "@graft/files";
import { environment } from "@graft/runtime/node";
import { runReport, type RunRecord, type Section } from "@graft/train";
import { checkOutputFile } from "../check-output.ts";
import { inspectSpectrum } from "../inspect/inspect-spectrum.ts";

/** Options of what training tells besides its result. */
export const REPORT_ARGS = {
  report: { type: "string", description: "HTML file with curves, samples, settings and environment", valueHint: "file" },
  progress: {
    type: "enum",
    description: "A bar, lines of JSON on standard error, or none; a bar when left out, JSON with --json",
    options: ["bar", "json", "none"],
  },
} as const satisfies ArgsDef;

/** What REPORT_ARGS parse to. */
export interface ReportArguments {
  readonly report?: string | undefined;
  readonly progress?: string | undefined;
}

/** Rows that a report shows with what the result makes of them. */
export const SAMPLES = 20;

/** Refuses a report that could not be written, before long work is done for it. FILE_NOT_FOUND, NOT_WRITABLE. */
export async function checkReport({ report }: ReportArguments): Promise<void> {
  if (report !== undefined) await checkOutputFile(report);
}

/** Writes the report of a run, where one was asked for; of an adapter that is written, what it learned too. */
export async function writeReport(
  { report }: ReportArguments,
  run: { record: RunRecord; base: string; output: string; settings: Readonly<Record<string, unknown>> },
): Promise<void> {
  const { record, settings, output } = run;
  if (report === undefined) return;
  const sections = await learned(run);
  await writeFileWhole(report, runReport(record, { title: `Training of ${output}`, settings, environment: environment(), sections }));
}

/** The methods whose deltas have singular values. */
const LOW_RANK: ReadonlySet<string> = new Set(["lora", "dora"]);

async function learned({ record: { end }, base, output }: { record: RunRecord; base: string; output: string }): Promise<Section[]> {
  if (end?.result.kind !== "adapter" || !LOW_RANK.has(end.result.manifest.method.name)) return [];
  const title = "What the adapter learned";
  try {
    const { facts, tables, picture } = await inspectSpectrum(output, { base });
    const text = facts.map(([name, value]) => `${name}: ${value}`).join("; ");
    return [
      {
        title,
        text,
        ...(picture === undefined ? {} : { pictures: [picture] }),
        tables: tables.map(({ head, rows }) => ({ caption: "Singular values of the deltas", head: head ?? [], rows })),
      },
    ];
  } catch (cause) {
    // The adapter is there whole; a report without this is better than none.
    return [{ title, text: `Its singular values could not be taken: ${(cause as Error).message}` }];
  }
}
