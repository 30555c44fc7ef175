import { GraftError } from "@graft/error";
import { closest } from "@graft/methods";
import { brokenRow } from "../data/columns.ts";
import type { Place } from "../data/rows.ts";

/** The labels of a run: given beforehand, or gathered from the training rows and sorted. */
export class LabelSet {
  readonly #numbers = new Map<string, number>();
  readonly #given: boolean;
  readonly #whose: string;
  #final: { readonly labels: readonly string[]; readonly order: readonly number[] } | undefined;

  /** `whose` says in messages where given labels come from. */
  constructor(given?: readonly string[], whose = "the labels that were given") {
    this.#given = given !== undefined;
    this.#whose = whose;
    for (const label of given ?? []) this.#numbers.set(label, this.#numbers.size);
    if (given !== undefined && this.#numbers.size < given.length)
      throw new GraftError("USAGE", `Cannot use the labels ${given.join(", ")}: one comes twice`);
  }

  /** Numbers that stand for a row's labels, each once. DATA_INVALID for a label outside the set. */
  several(labels: string | readonly string[], place: Place): number[] {
    return [...new Set((typeof labels === "string" ? [labels] : labels).map((label) => this.number(label, place)))];
  }

  /** A number that stands for the label while rows are read. DATA_INVALID for a label outside the set, and for several where one is wanted. */
  number(labels: string | readonly string[], place: Place): number {
    const label = typeof labels === "string" ? labels : labels[0];
    if (label === undefined || (typeof labels !== "string" && labels.length > 1))
      throw brokenRow(place, `it has ${labels.length} labels, want one`, "Decide each label apart with --multi-label");
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
      `the label "${label}" is not among ${this.#given ? this.#whose : "those of the training rows"}`,
      `${near === undefined ? "" : `Did you mean "${near}"? `}The labels are ${labels
        .slice(0, 8)
        .map((known) => `"${known}"`)
        .join(", ")}${labels.length > 8 ? ", …" : ""}`,
    );
  }
}
