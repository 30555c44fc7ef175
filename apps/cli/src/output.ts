import { formatTable, Progress } from "@graft/terminal";

/** Where a command prints: results on standard output, progress and remarks on standard error. */
export interface Output {
  readonly json: boolean;
  /** Whether nobody reads standard output any more. */
  readonly closed: boolean;
  /** A line for a person; nothing with --json. */
  line(text?: string): void;
  /** A piece of a line for a person, as it comes; nothing with --json. */
  piece(text: string): void;
  /** The result for a program; printed with --json only. */
  result(value: unknown): void;
  /** A line of JSON for a program that follows the work, on standard error. */
  event(value: unknown): void;
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
    get closed() {
      return process.stdout.destroyed || !process.stdout.writable;
    },
    line,
    piece: (text) => {
      if (!options.json) process.stdout.write(text);
    },
    result: (value) => {
      if (options.json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    event: (value) => {
      if (!options.quiet) process.stderr.write(`${JSON.stringify(value)}\n`);
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
