import { type Axes, type Cell, gridCells } from "@graft/train";
import { METHOD_ARGS, optionsOf } from "./method-options.ts";

/** A combination of a grid, and options of the line that its method does not take. */
export interface SweepCell {
  readonly cell: Cell;
  readonly without: ReadonlySet<string>;
}

/**
 * The combinations of a grid. Where methods are among what is tried, an option that one of them takes is left out of the others, and
 * what is then the same combination comes once. USAGE for a method that nobody knows.
 */
export function sweepCells(axes: Axes, given: Readonly<Record<string, unknown>>): readonly SweepCell[] {
  const methods = (axes["method"] ?? []).map((name) => [String(name), optionsOf(String(name))] as const);
  const isGiven = (option: string): boolean => given[option] !== undefined && methods.some(([, taken]) => taken.has(option));
  const ofMethods = Object.keys(METHOD_ARGS).filter(isGiven);
  const cells = new Map<string, SweepCell>();
  for (const cell of gridCells(axes)) {
    const [, taken] = methods.find(([name]) => name === cell["method"]) ?? [];
    const without = new Set(taken === undefined ? [] : ofMethods.filter((option) => !taken.has(option)));
    const own = Object.fromEntries(Object.entries(cell).filter(([name]) => !without.has(name)));
    const key = JSON.stringify(own);
    if (!cells.has(key)) cells.set(key, { cell: own, without });
  }
  return [...cells.values()];
}
