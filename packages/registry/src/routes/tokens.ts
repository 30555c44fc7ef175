import { GraftError } from "@graft/error";
import { ROUTES } from "@graft/protocol";
import { allowed, signedIn } from "../authorize.ts";
import type { RegistryParts } from "../context.ts";
import { createToken } from "../create-token.ts";
import { cutPage, storePage } from "../cursor.ts";
import { tokenRecord } from "../records.ts";
import { route, type RegistryApp } from "./mount.ts";

/** Tokens, and who the sender is. */
export function mountTokens(app: RegistryApp, parts: RegistryParts): void {
  const { tokens } = parts.metadata;
  app.openapi(route(ROUTES.whoami), (context) => context.json(tokenRecord(signedIn(context.get("caller"))), 200));
  app.openapi(route(ROUTES.listTokens), async (context) => {
    allowed(context.get("caller"), "admin", "*");
    const query = context.req.valid("query");
    const { items, ...rest } = cutPage(await tokens.list(storePage(query)), { limit: query.limit, key: ({ id }) => id });
    return context.json({ tokens: items.map(tokenRecord), ...rest }, 200);
  });
  app.openapi(route(ROUTES.createToken), async (context) =>
    context.json(await createToken(parts, { caller: context.get("caller"), request: context.req.valid("json") }), 201),
  );
  app.openapi(route(ROUTES.deleteToken), async (context) => {
    const { id } = context.req.valid("param");
    const caller = context.get("caller");
    // Giving up the token at hand needs no other right.
    if (caller?.id !== id) allowed(caller, "admin", "*");
    if (!(await tokens.delete(id))) throw new GraftError("NOT_FOUND", `Cannot revoke the token "${id}": there is no such token`);
    return context.body(null, 204);
  });
}
