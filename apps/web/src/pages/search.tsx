import type { SearchResponse } from "@graft/protocol";
import { Page } from "../layout/page.tsx";
import { AdapterList } from "../parts/adapter-list.tsx";
import { LINKS } from "../parts/links.ts";

/** What was asked for, as it stands in the address. */
export type SearchParameters = Readonly<Record<string, string | undefined>>;

/** What was found. The same form works with and without scripts: the page's script only sends it while one types. */
export function Search({ parameters, response }: { readonly parameters: SearchParameters; readonly response: SearchResponse }) {
  const { q = "" } = parameters;
  const title = q === "" ? "All adapters" : `“${q}”`;
  return (
    <Page
      title={title}
      query={q}
      canonical={LINKS.search(parameters)}
      feed={LINKS.search(parameters).replace("/search", "/feed.xml")}
      scripts={["search"]}
    >
      <h1>{title}</h1>
      <div id="results" aria-live="polite">
        {response.results.length === 0 ? <Nothing query={q} /> : <AdapterList adapters={response.results} />}
        {response.next === undefined ? null : (
          <a class="button quiet" href={LINKS.search({ ...parameters, cursor: response.next })} rel="next">
            More
          </a>
        )}
      </div>
    </Page>
  );
}

function Nothing({ query }: { readonly query: string }) {
  return (
    <>
      <p>No adapter has every word of {query === "" ? "that" : `“${query}”`}.</p>
      <ul>
        <li>Try fewer words, or one of another part of the name, the task or a label.</li>
        <li>
          <a href="/search">Look through all adapters</a>, or ask <a href="/fits">which fit your model</a>.
        </li>
      </ul>
    </>
  );
}
