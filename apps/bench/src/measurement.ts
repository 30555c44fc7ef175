/** What the command line says to a measurement. */
export interface MeasurementOptions {
  /** Runs of everything that draws numbers. */
  readonly seeds: number;
  /** Processes of each contender, in turn. */
  readonly rounds: number;
  /** Inputs of what tries many. */
  readonly count: number;
  /** Where its random numbers begin. */
  readonly seed: number;
  /** A base to measure on, where one can be chosen. */
  readonly base?: string | undefined;
  /** A command that measured processes are run by, such as `taskset -c 0,1`. */
  readonly through?: string | undefined;
  /** Where a plot goes. */
  readonly output?: string | undefined;
  /** How much is measured, where that can be chosen. */
  readonly sizes?: readonly number[] | undefined;
  /** A `postgres://` address in place of SQLite. */
  readonly database?: string | undefined;
  /** A folder for what is made, which stays and serves the next run. */
  readonly keep?: string | undefined;
}

/** One measurement: prints a table and what it was measured on. */
export interface Measurement {
  readonly about: string;
  readonly run: (options: MeasurementOptions) => Promise<void>;
}
