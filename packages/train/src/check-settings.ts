import { GraftError } from "@graft/error";
import type { Settings } from "./defaults.ts";
import { microBatchOf, rowsOfStep } from "./epochs.ts";

/** Refuses numbers that make no sense together. USAGE. */
export function checkSettings(settings: Settings): void {
  for (const name of ["batchSize", "accumulation", "microBatchSize", "maxLength"] as const) {
    const value = settings[name];
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 1))
      throw new GraftError("USAGE", `Cannot train with ${name} ${value}: want a whole number of at least 1`);
  }
  const [rows, micro] = [rowsOfStep(settings), microBatchOf(settings)];
  if (rows % micro !== 0) {
    const smaller = Array.from({ length: micro }, (_, index) => micro - index).find((size) => rows % size === 0) ?? 1;
    throw new GraftError("USAGE", `Cannot run batches of ${rows} rows in micro-batches of ${micro}: it does not divide`, {
      hint: `Take micro-batches of ${smaller} rows`,
    });
  }
}
