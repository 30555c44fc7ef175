import type { SearchResponse } from "@graft/protocol";
import { Page } from "../layout/page.tsx";
import { AdapterList } from "../parts/adapter-list.tsx";
import { LINKS } from "../parts/links.ts";
import { count } from "../parts/size.ts";

/** What one publisher has here. */
export function Scope({ scope, response }: { readonly scope: string; readonly response: SearchResponse }) {
  const { results, total, next } = response;
  return (
    <Page title={scope} description={`Adapters of ${scope}`} canonical={`/${scope}`} feed={`/feed.xml?publisher=${scope.slice(1)}`}>
      <h1>{scope}</h1>
      <p class="quiet-text">{`${count(total.count)}${total.isMore ? "+" : ""} ${total.count === 1 ? "adapter" : "adapters"}`}</p>
      <AdapterList adapters={results} />
      {next === undefined ? null : (
        <a class="button quiet" href={LINKS.search({ publisher: scope.slice(1), cursor: next })} rel="next">
          More
        </a>
      )}
    </Page>
  );
}
