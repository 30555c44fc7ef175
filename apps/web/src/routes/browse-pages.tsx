import { GraftError } from "@graft/error";
import { FindRequest } from "@graft/protocol";
import type { Hono } from "hono";
import { originOf, type PageEnvironment } from "../context.ts";
import { page } from "../layout/render.ts";
import { feedResponse } from "../feeds/atom.ts";
import { Fits, FitsAnswer } from "../pages/fits.tsx";
import { Home } from "../pages/home.tsx";
import { Search } from "../search/search-page.tsx";
import { readSearch } from "../search/search-state.ts";

/** Entries on the first page, and in a feed. */
const FEW = 6;
const FEED = 50;

/** Pages that are not about one thing: the first, the search, and the feed of a search. */
export function mountBrowsePages(app: Hono<PageEnvironment>): void {
  app.get("/", async (context) => {
    const client = context.get("client");
    const [newest, popular] = await Promise.all([
      client.search("", { limit: FEW, order: "date", withFacets: true }),
      client.search("", { limit: FEW, order: "downloads" }),
    ]);
    const origin = originOf(context);
    return page(context, <Home origin={origin} newest={newest.results} popular={popular.results} tasks={newest.facets?.task ?? []} />);
  });
  app.get("/search", async (context) => {
    const state = readSearch(new URL(context.req.url).searchParams);
    return page(context, <Search state={state} response={await context.get("client").search(state.q, { ...state, withFacets: true })} />);
  });
  app.get("/fits", (context) => page(context, <Fits />));
  app.post("/fits", async (context) => {
    const request = FindRequest.safeParse(await context.req.json().catch(() => undefined));
    if (!request.success)
      throw new GraftError("USAGE", "Cannot look for adapters: the page sent something else than the identity of a file");
    return page(context, <FitsAnswer found={await context.get("client").find(request.data)} />);
  });
  app.get("/feed.xml", async (context) => {
    const { q, filters } = readSearch(new URL(context.req.url).searchParams);
    const { results } = await context.get("client").search(q, { filters, order: "date", limit: FEED });
    return feedResponse(context, { title: q === "" ? "New versions" : `New versions of “${q}”`, entries: results });
  });
}
