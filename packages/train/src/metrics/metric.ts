/** What was predicted and what is true, for the rows that were evaluated, in the same order. */
export type Outcome =
  /** One class each, as its number. */
  | { readonly kind: "classes"; readonly predicted: readonly number[]; readonly actual: readonly number[]; readonly classes: number }
  /** Any number of classes each. */
  | {
      readonly kind: "sets";
      readonly predicted: readonly (readonly number[])[];
      readonly actual: readonly (readonly number[])[];
      readonly classes: number;
    }
  /** One number or several each. */
  | { readonly kind: "numbers"; readonly predicted: readonly (readonly number[])[]; readonly actual: readonly (readonly number[])[] }
  /** A text each, and the texts that it may be. */
  | { readonly kind: "texts"; readonly predicted: readonly string[]; readonly actual: readonly (readonly string[])[] };

/** An outcome of one kind. */
export type OutcomeOf<Kind extends Outcome["kind"]> = Extract<Outcome, { readonly kind: Kind }>;

/** A metric: a number, by what kind of outcome it is taken from; 0 where nothing was evaluated. */
export interface Metric {
  readonly description: string;
  /** Whether more is better, or less. */
  readonly better: "more" | "less";
  readonly classes?: (outcome: OutcomeOf<"classes">) => number;
  readonly sets?: (outcome: OutcomeOf<"sets">) => number;
  readonly numbers?: (outcome: OutcomeOf<"numbers">) => number;
  readonly texts?: (outcome: OutcomeOf<"texts">) => number;
  /** From the mean loss alone. */
  readonly loss?: (loss: number) => number;
}

/** A share of a whole; 0 of nothing. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** The mean; 0 of nothing. */
export function mean(values: readonly number[]): number {
  return share(
    values.reduce((sum, value) => sum + value, 0),
    values.length,
  );
}

/** How many labels stand on one side only. */
export function differences(one: readonly number[], other: readonly number[] = []): number {
  const [left, right] = [new Set(one), new Set(other)];
  return [...left].filter((label) => !right.has(label)).length + [...right].filter((label) => !left.has(label)).length;
}
