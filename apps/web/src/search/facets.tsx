import type { SearchFilterName, SearchResponse } from "@graft/protocol";
import { count } from "../parts/size.ts";
import { FILTERS, type SearchState } from "./search-state.ts";

const NAMES: Readonly<Record<SearchFilterName, string>> = {
  task: "Task",
  base: "Base",
  method: "Method",
  rank: "Rank",
  license: "Licence",
  language: "Language",
  publisher: "Publisher",
};
const ORDERS = { relevance: "Best match", date: "Newest", downloads: "Most downloaded" } as const;
/** Values of a filter that are shown at once. */
const SHOWN = 8;

/** What a search may be narrowed by, with counts. A form that works without scripts; with them it sends itself. */
export function Facets({ state, facets }: { readonly state: SearchState; readonly facets: NonNullable<SearchResponse["facets"]> }) {
  return (
    <form action="/search" class="facets" aria-label="Narrow the search">
      <input type="hidden" name="q" value={state.q} />
      <label for="order">Order</label>
      <select id="order" name="order">
        {Object.entries(ORDERS).map(([value, name]) => (
          <option value={value} selected={value === state.order}>
            {name}
          </option>
        ))}
      </select>
      {FILTERS.map((name) => (
        <Facet name={name} chosen={state.filters[name] ?? []} values={facets[name]} />
      ))}
      <button type="submit" class="quiet">
        Apply
      </button>
    </form>
  );
}

interface FacetProps {
  readonly name: SearchFilterName;
  readonly chosen: readonly string[];
  readonly values: NonNullable<SearchResponse["facets"]>[SearchFilterName];
}

function Facet({ name, chosen, values }: FacetProps) {
  // What is chosen stays to be unchosen, also where nothing has it any more.
  const absent = chosen.filter((value) => !values.some((one) => one.value === value || one.label === value));
  const shown = [...absent.map((value) => ({ value, label: undefined, count: 0, isMore: false })), ...values];
  if (shown.length === 0) return null;
  const isChosen = ({ value, label }: { value: string; label?: string | undefined }): boolean =>
    chosen.includes(value) || (label !== undefined && chosen.includes(label));
  const box = (one: (typeof shown)[number]) => (
    <label>
      <input type="checkbox" name={name} value={one.value} checked={isChosen(one)} />
      <span>{one.label ?? one.value}</span>
      <span>{`${count(one.count)}${one.isMore ? "+" : ""}`}</span>
    </label>
  );
  return (
    <fieldset>
      <legend>{NAMES[name]}</legend>
      {shown.slice(0, SHOWN).map(box)}
      {shown.length <= SHOWN ? null : (
        <details>
          <summary>{shown.length - SHOWN} more</summary>
          {shown.slice(SHOWN).map(box)}
        </details>
      )}
    </fieldset>
  );
}
