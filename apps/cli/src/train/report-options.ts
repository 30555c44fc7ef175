import type { ArgsDef } from "citty";
import { writeFileWhole } from "@graft/files";
import { environment } from "@graft/runtime/node";
import { runReport, type RunRecord } from "@graft/train";
import { checkOutputFile } from "../check-output.ts";

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

/** Writes the report of a run, where one was asked for. */
export async function writeReport(
  { report }: ReportArguments,
  { record, title, settings }: { record: RunRecord; title: string; settings: Readonly<Record<string, unknown>> },
): Promise<void> {
  if (report === undefined) return;
  await writeFileWhole(report, runReport(record, { title, settings, environment: environment() }));
}
