import { Progress } from "./progress.ts";

/** Where a command prints: results on standard output, progress and remarks on standard error. */
export interface Output {
  readonly json: boolean;
  /** A line for a person; nothing with --json. */
  line(text?: string): void;
  /** The result for a program; printed with --json only. */
  result(value: unknown): void;
  /** A remark that is no result. */
  note(text: string): void;
  /** A table for a person, columns aligned. */
  table(rows: readonly (readonly (string | number)[])[], options?: { head?: readonly string[] }): void;
  readonly progress: Progress;
}

/** Output of one command. */
export function createOutput(options: { json: boolean; quiet: boolean }): Output {
  const progress = new Progress({ enabled: !options.json && !options.quiet });
  const line = (text = ""): void => {
    if (!options.json) process.stdout.write(`${text}\n`);
  };
  return {
    json: options.json,
    line,
    result: (value) => {
      if (options.json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    note: (text) => {
      if (!options.quiet) process.stderr.write(`${text}\n`);
    },
    table: (rows, { head } = {}) => {
      for (const text of formatTable(head === undefined ? rows : [head, ...rows])) line(text);
    },
    progress,
  };
}

/** Rows as aligned lines: the first column to the left, numbers to the right. */
export function formatTable(rows: readonly (readonly (string | number)[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, String(cell).length)));
  return rows.map((row) => row.map((cell, index) => (typeof cell === "number" ? String(cell).padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0))).join("  ").trimEnd());
}

/** Bytes for a person, in decimal units. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = -1;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${units[unit]}`;
}

/** Seconds for a person: 42 s, 3 min 05 s. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}
