import { ROUTES } from "@graft/protocol";
import type { StoredUser } from "@graft/storage";
import { createAccount, disableAccount, invite, setPassword } from "../access/accounts.ts";
import { assertSameOrigin, beginSession } from "../access/sessions.ts";
import { root } from "../authorize.ts";
import type { RegistryParts } from "../context.ts";
import { cutPage, storePage } from "../cursor.ts";
import { given } from "../records.ts";
import { route, type RegistryApp } from "./mount.ts";

/** Accounts and invitations. */
export function mountAccounts(app: RegistryApp, parts: RegistryParts): void {
  app.openapi(route(ROUTES.createInvitation), async (context) =>
    context.json(await invite(parts, { caller: context.get("caller"), request: context.req.valid("json") }), 201),
  );
  app.openapi(route(ROUTES.createAccount), async (context) => {
    assertSameOrigin(parts, context, { needsOrigin: false });
    const user = await createAccount(parts, { request: context.req.valid("json"), address: context.get("address") });
    await beginSession(parts, context, user.name);
    return context.json(accountRecord(user), 201);
  });
  app.openapi(route(ROUTES.listAccounts), async (context) => {
    root(context.get("caller"), "list accounts");
    const query = context.req.valid("query");
    const { items, ...rest } = cutPage(await parts.metadata.users.list(storePage(query)), { limit: query.limit, key: ({ name }) => name });
    return context.json({ accounts: items.map(accountRecord), ...rest }, 200);
  });
  app.openapi(route(ROUTES.disableAccount), async (context) => {
    await disableAccount(parts, { caller: context.get("caller"), name: context.req.valid("param").user });
    return context.body(null, 204);
  });
  app.openapi(route(ROUTES.setPassword), async (context) => {
    await setPassword(parts, { caller: context.get("caller"), name: context.req.valid("param").user, request: context.req.valid("json") });
    return context.body(null, 204);
  });
}

function accountRecord({ name, email, isAdmin, createdAt, disabledAt }: StoredUser) {
  return { name, ...given({ email }), admin: isAdmin, createdAt, ...given({ disabledAt }) };
}
