import { GraftError } from "@graft/error";
import { ROUTES } from "@graft/protocol";
import type { RegistryParts } from "../context.ts";
import { cutPage, storePage } from "../cursor.ts";
import { baseRecord, baseSummary, given } from "../records.ts";
import { registerBase } from "../register-base.ts";
import { route, type RegistryApp } from "./mount.ts";

/** How many bases that were made from one are listed. */
const VARIANTS = 100;

/** Registered bases. */
export function mountBases(app: RegistryApp, parts: RegistryParts): void {
  const { bases } = parts.metadata;
  app.openapi(route(ROUTES.listBases), async (context) => {
    const query = context.req.valid("query");
    const found = await bases.list({ ...storePage(query), ...given({ name: query.name }) });
    const { items, ...rest } = cutPage(found, { limit: query.limit, key: ({ fingerprint }) => fingerprint });
    return context.json({ bases: items.map(baseSummary), ...rest }, 200);
  });
  app.openapi(route(ROUTES.getBase), async (context) => {
    const { digest } = context.req.valid("param");
    const base = await bases.get(digest);
    if (base === undefined)
      throw new GraftError("NOT_FOUND", `Cannot find the base ${digest}: nobody registered it`, {
        hint: "Register it: graft base publish <path>",
      });
    return context.json(baseRecord(base, await bases.variants(digest, VARIANTS)), 200);
  });
  app.openapi(route(ROUTES.putBase), async (context) => {
    const registered = await registerBase(parts, {
      caller: context.get("caller"),
      fingerprint: context.req.valid("param").digest,
      document: context.req.valid("json"),
    });
    return context.json(registered, registered.status === "created" ? 201 : 200);
  });
}
