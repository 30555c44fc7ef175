import type { Hono } from "hono";
import type { PageEnvironment } from "../context.ts";
import { page } from "../layout/render.ts";
import { feedResponse } from "../feeds/atom.ts";
import { Base } from "../pages/base.tsx";
import { Bases } from "../pages/bases.tsx";

/** Adapters that a page of a base lists. */
const LISTED = 50;
/** Of these the declared results are compared. */
const COMPARED = 20;

/** Pages about bases. The digest stands in the address without its `sha256:`. */
export function mountBasePages(app: Hono<PageEnvironment>): void {
  app.get("/bases", async (context) => {
    const list = await context.get("client").bases({ cursor: context.req.query("cursor") });
    return page(context, <Bases list={list} />);
  });
  app.get("/bases/:digest{[0-9a-f]{64}}", async (context) => {
    const client = context.get("client");
    const fingerprint = `sha256:${context.req.param("digest")}` as const;
    const [base, found] = await Promise.all([client.base(fingerprint), client.find({ fingerprint, limit: LISTED })]);
    const declared = await Promise.all(found.matches.slice(0, COMPARED).map(({ name, version }) => client.version(name, version)));
    return page(context, <Base base={base} matches={found.matches} declared={declared} />);
  });
  app.get("/bases/:digest{[0-9a-f]{64}}/feed.xml", async (context) => {
    const client = context.get("client");
    const fingerprint = `sha256:${context.req.param("digest")}` as const;
    const [base, found] = await Promise.all([client.base(fingerprint), client.find({ fingerprint, limit: LISTED })]);
    return feedResponse(context, { title: `Adapters for ${base.name}`, entries: found.matches });
  });
}
