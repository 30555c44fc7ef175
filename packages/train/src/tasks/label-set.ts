import { GraftError } from "@graft/error";
import { closest } from "@graft/methods";
import { brokenRow } from "../data/columns.ts";
import type { Place } from "../data/rows.ts";

/** The labels of a run: given beforehand, or gathered from the training rows and sorted. */
export class LabelSet {
  readonly #numbers = new Map<string, number>();
  readonly #given: boolean;
  #final: { readonly labels: readonly string[]; readonly order: readonly number[] } | undefined;

  constructor(given?: readonly string[]) {
    this.#given = given !== undefined;
    for (const label of given ?? []) this.#numbers.set(label, this.#numbers.size);
    if (given !== undefined && this.#numbers.size < given.length)
      throw new GraftError("USAGE", `Cannot use the labels ${given.join(", ")}: one comes twice`);
  }

  /** A number that stands for the label while rows are read. DATA_INVALID for a label outside the set. */
  number(label: string, place: Place): number {
    const known = this.#numbers.get(label);
    if (known !== undefined) return known;
    if (this.#given || this.#final !== undefined) throw this.#unknown(label, place);
    this.#numbers.set(label, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  /** Ends the gathering: what comes now must be among the labels. DATA_INVALID for fewer than `least`. */
  close(least: number): readonly string[] {
    const found = [...this.#numbers.keys()];
    const labels = this.#given ? found : found.toSorted();
    const place = new Map(labels.map((label, index) => [label, index]));
    this.#final = { labels, order: found.map((label) => place.get(label) ?? 0) };
    if (labels.length >= least) return labels;
    throw new GraftError("DATA_INVALID", `Cannot train a classifier: every row has the label "${labels[0] ?? ""}"`, {
      hint: "Give rows of at least two labels",
    });
  }

  /** Where a label that stood for `number` is among the labels. */
  index(number: number): number {
    return this.#final?.order[number] ?? number;
  }

  #unknown(label: string, place: Place): GraftError {
    const labels = [...this.#numbers.keys()].toSorted();
    const [near] = closest(label, labels);
    return brokenRow(
      place,
      `the label "${label}" is not among ${this.#given ? "the labels that were given" : "those of the training rows"}`,
      `${near === undefined ? "" : `Did you mean "${near}"? `}The labels are ${labels.slice(0, 8).join(", ")}${labels.length > 8 ? ", …" : ""}`,
    );
  }
}
