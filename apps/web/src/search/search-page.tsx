import type { SearchResponse } from "@graft/protocol";
import { Page } from "../layout/page.tsx";
import { AdapterList } from "../parts/adapter-list.tsx";
import { count } from "../parts/size.ts";
import { Facets } from "./facets.tsx";
import { searchQuery, type SearchState } from "./search-state.ts";

/** What was found. The same forms work with and without scripts: the page's script only sends them while one types. */
export function Search({ state, response }: { readonly state: SearchState; readonly response: SearchResponse }) {
  const { q } = state;
  const { results, total, facets, next } = response;
  const title = q === "" ? "All adapters" : `“${q}”`;
  const query = searchQuery({ ...state, cursor: undefined });
  return (
    <Page title={title} query={q} canonical={`/search${query}`} feed={`/feed.xml${query}`} scripts={["search"]}>
      <div class="columns aside-left">
        <aside id="facets">{facets === undefined ? null : <Facets state={state} facets={facets} />}</aside>
        <div id="results">
          <h1>{title}</h1>
          <p class="quiet-text" role="status">
            {`${count(total.count)}${total.isMore ? "+" : ""} ${total.count === 1 ? "adapter" : "adapters"}`}
          </p>
          {results.length === 0 ? <Nothing state={state} /> : <AdapterList adapters={results} />}
          {next === undefined ? null : (
            <a class="button quiet" href={`/search${searchQuery({ ...state, cursor: next })}`} rel="next">
              More
            </a>
          )}
        </div>
      </div>
    </Page>
  );
}

function Nothing({ state: { q, filters } }: { readonly state: SearchState }) {
  const isNarrowed = Object.keys(filters).length > 0;
  return (
    <>
      <p>{q === "" ? "No adapter has all of that." : `No adapter has every word of “${q}”${isNarrowed ? " and fits the filters" : ""}.`}</p>
      <ul>
        {isNarrowed ? (
          <li>
            <a href={`/search${searchQuery({ q, filters: {}, order: "relevance" })}`}>Search without the filters</a>
          </li>
        ) : null}
        <li>Try fewer words, or one of another part of the name, the task or a label.</li>
        <li>
          <a href="/search">Look through all adapters</a>, or ask <a href="/fits">which fit your model</a>.
        </li>
      </ul>
    </>
  );
}
