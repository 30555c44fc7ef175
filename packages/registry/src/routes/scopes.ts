import { checked, Name } from "@graft/format";
import { joinName, ROUTES } from "@graft/protocol";
import { auditEntry } from "../access/audit-entry.ts";
import { addPublisher, listPublishers, removePublisher } from "../access/publishers.ts";
import {
  auditRecords,
  createScope,
  deleteOwner,
  getScope,
  listOwners,
  putOwner,
  scopeRecord,
  setQuota,
  transferScope,
} from "../access/scopes.ts";
import { allowed, root, signedIn } from "../authorize.ts";
import type { RegistryParts } from "../context.ts";
import { cutPage, storePage } from "../cursor.ts";
import { given } from "../records.ts";
import { route, type RegistryApp } from "./mount.ts";

/** Scopes, roles in them, what was changed, and who may read or publish a name. */
export function mountScopes(app: RegistryApp, parts: RegistryParts): void {
  const { metadata } = parts;
  app.openapi(route(ROUTES.listScopes), async (context) => {
    const { account } = signedIn(context.get("caller"));
    const query = context.req.valid("query");
    if (query.all || account === undefined) root(context.get("caller"), "list all scopes");
    const found = await metadata.scopes.list({ ...storePage(query), ...(query.all ? {} : given({ user: account?.name })) });
    const { items, ...rest } = cutPage(found, { limit: query.limit, key: ({ name }) => name });
    return context.json({ scopes: items.map((scope) => scopeRecord(scope, account?.roles[scope.name])), ...rest }, 200);
  });
  app.openapi(route(ROUTES.createScope), async (context) => {
    const { scope } = context.req.valid("param");
    checked(Name, `@${scope}/x`, "scope");
    return context.json(await createScope(parts, { caller: context.get("caller"), scope, owner: context.req.valid("json").owner }), 201);
  });
  app.openapi(route(ROUTES.getScope), async (context) =>
    context.json(await getScope(parts, { caller: context.get("caller"), ...context.req.valid("param") }), 200),
  );
  app.openapi(route(ROUTES.setQuota), async (context) =>
    context.json(
      await setQuota(parts, { caller: context.get("caller"), ...context.req.valid("param"), quota: context.req.valid("json") }),
      200,
    ),
  );
  app.openapi(route(ROUTES.transferScope), async (context) =>
    context.json(
      await transferScope(parts, { caller: context.get("caller"), ...context.req.valid("param"), ...context.req.valid("json") }),
      200,
    ),
  );
  app.openapi(route(ROUTES.listOwners), async (context) =>
    context.json(await listOwners(parts, { caller: context.get("caller"), ...context.req.valid("param") }), 200),
  );
  app.openapi(route(ROUTES.putOwner), async (context) =>
    context.json(
      await putOwner(parts, { caller: context.get("caller"), ...context.req.valid("param"), ...context.req.valid("json") }),
      200,
    ),
  );
  app.openapi(route(ROUTES.deleteOwner), async (context) =>
    context.json(await deleteOwner(parts, { caller: context.get("caller"), ...context.req.valid("param") }), 200),
  );
  app.openapi(route(ROUTES.getScopeAudit), async (context) => {
    const { scope } = context.req.valid("param");
    allowed(context.get("caller"), "admin", `@${scope}/*`);
    return context.json(await auditPage({ ...context.req.valid("query"), scope }), 200);
  });
  app.openapi(route(ROUTES.getAudit), async (context) => {
    root(context.get("caller"), "read the whole log");
    return context.json(await auditPage(context.req.valid("query")), 200);
  });
  app.openapi(route(ROUTES.setAccess), async (context) => {
    const { scope, name: last } = context.req.valid("param");
    const name = checked(Name, joinName({ scope, name: last }), "name");
    const { access } = context.req.valid("json");
    const caller = allowed(context.get("caller"), "admin", name);
    const entry = auditEntry(parts, caller, { action: "adapter.access", subject: name, scope, detail: { access } });
    await metadata.scopes.setVisibility(name, { visibility: access, entry });
    return context.json({ access }, 200);
  });
  app.openapi(route(ROUTES.listPublishers), async (context) =>
    context.json(
      { publishers: await listPublishers(parts, { caller: context.get("caller"), name: joinName(context.req.valid("param")) }) },
      200,
    ),
  );
  app.openapi(route(ROUTES.addPublisher), async (context) => {
    const name = checked(Name, joinName(context.req.valid("param")), "name");
    return context.json(await addPublisher(parts, { caller: context.get("caller"), name, request: context.req.valid("json") }), 201);
  });
  app.openapi(route(ROUTES.removePublisher), async (context) => {
    const { id, ...rest } = context.req.valid("param");
    await removePublisher(parts, { caller: context.get("caller"), name: joinName(rest), id });
    return context.body(null, 204);
  });

  async function auditPage({ scope, ...query }: { limit: number; cursor?: string | undefined; scope?: string }) {
    const found = await metadata.audit.list({ ...storePage(query), ...given({ scope }) });
    const { items, ...rest } = cutPage(found, { limit: query.limit, key: ({ id }) => String(id) });
    return { entries: auditRecords(items), ...rest };
  }
}
