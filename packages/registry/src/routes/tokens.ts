import { GraftError } from "@graft/error";
import { ROUTES } from "@graft/protocol";
import { auditEntry } from "../access/audit-entry.ts";
import { allowed, root, signedIn } from "../authorize.ts";
import type { RegistryParts } from "../context.ts";
import { createToken } from "../create-token.ts";
import { cutPage, storePage } from "../cursor.ts";
import { given, tokenRecord } from "../records.ts";
import { route, type RegistryApp } from "./mount.ts";

/** Tokens, and who the sender is. */
export function mountTokens(app: RegistryApp, parts: RegistryParts): void {
  const { tokens } = parts.metadata;
  app.openapi(route(ROUTES.whoami), (context) => {
    const caller = signedIn(context.get("caller"));
    return context.json(tokenRecord({ ...caller, user: caller.account?.name }), 200);
  });
  app.openapi(route(ROUTES.listTokens), async (context) => {
    const { account } = allowed(context.get("caller"), "admin");
    // An account sees its own; those who run the registry see all.
    if (account === undefined) root(context.get("caller"), "list all tokens");
    const query = context.req.valid("query");
    const user = account?.isAdmin === false ? account.name : undefined;
    const { items, ...rest } = cutPage(await tokens.list({ ...storePage(query), ...given({ user }) }), {
      limit: query.limit,
      key: ({ id }) => id,
    });
    return context.json({ tokens: items.map(tokenRecord), ...rest }, 200);
  });
  app.openapi(route(ROUTES.createToken), async (context) =>
    context.json(await createToken(parts, { caller: context.get("caller"), request: context.req.valid("json") }), 201),
  );
  app.openapi(route(ROUTES.deleteToken), async (context) => {
    const { id } = context.req.valid("param");
    const caller = context.get("caller");
    const asking = signedIn(caller);
    const token = await tokens.get(id);
    const isOwn =
      asking.account !== undefined && token?.user === asking.account.name && asking.actions.includes("admin") && asking.names.includes("*");
    // Giving up the token at hand needs no other right.
    if (asking.id !== id && !isOwn) root(asking, "revoke the tokens of others");
    if (!(await tokens.delete(id, auditEntry(parts, asking, { action: "token.revoke", subject: id }))))
      throw new GraftError("NOT_FOUND", `Cannot revoke the token "${id}": there is no such token`);
    return context.body(null, 204);
  });
}
