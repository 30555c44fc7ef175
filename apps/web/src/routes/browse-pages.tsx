import { GraftError } from "@graft/error";
import { FindRequest } from "@graft/protocol";
import type { Hono } from "hono";
import type { PageEnvironment } from "../context.ts";
import { page } from "../layout/render.ts";
import { atomFeed } from "../feeds/atom.ts";
import { Fits, FitsAnswer } from "../pages/fits.tsx";
import { Home } from "../pages/home.tsx";
import { Search } from "../pages/search.tsx";

/** Entries on the first page, and in a feed. */
const FEW = 6;
const FEED = 50;

/** Pages that are not about one thing: the first, the search, and the feed of a search. */
export function mountBrowsePages(app: Hono<PageEnvironment>): void {
  app.get("/", async (context) => {
    const client = context.get("client");
    const { results } = await client.search("", { limit: FEW });
    const tasks = [...new Set(results.map(({ task }) => task))];
    return page(context, <Home origin={new URL(context.req.url).origin} newest={results} popular={results} tasks={tasks} />);
  });
  app.get("/search", async (context) => {
    const { q = "", cursor, ...rest } = context.req.query();
    const response = await context.get("client").search(q, { cursor });
    return page(context, <Search parameters={{ q, ...rest }} response={response} />);
  });
  app.get("/fits", (context) => page(context, <Fits />));
  app.post("/fits", async (context) => {
    const request = FindRequest.safeParse(await context.req.json().catch(() => undefined));
    if (!request.success)
      throw new GraftError("USAGE", "Cannot look for adapters: the page sent something else than the identity of a file");
    return page(context, <FitsAnswer found={await context.get("client").find(request.data)} />);
  });
  app.get("/feed.xml", async (context) => {
    const { q = "" } = context.req.query();
    const { results } = await context.get("client").search(q, { limit: FEED });
    const origin = new URL(context.req.url).origin;
    return context.body(
      atomFeed({ origin, path: context.req.path, title: q === "" ? "New versions" : `New versions of “${q}”`, entries: results }),
      200,
      {
        "content-type": "application/atom+xml; charset=utf-8",
      },
    );
  });
}
