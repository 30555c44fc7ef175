import { ROUTES } from "@graft/protocol";
import { createTeam, deleteMember, deleteTeam, getTeam, putMember } from "../access/teams.ts";
import { signedIn } from "../authorize.ts";
import type { RegistryParts } from "../context.ts";
import { cutPage, storePage } from "../cursor.ts";
import { route, type RegistryApp } from "./mount.ts";

/** Teams. */
export function mountTeams(app: RegistryApp, parts: RegistryParts): void {
  app.openapi(route(ROUTES.listTeams), async (context) => {
    signedIn(context.get("caller"));
    const query = context.req.valid("query");
    const { items, ...rest } = cutPage(await parts.metadata.teams.list(storePage(query)), { limit: query.limit, key: ({ name }) => name });
    return context.json({ teams: items.map(({ name, createdAt }) => ({ name, createdAt })), ...rest }, 200);
  });
  app.openapi(route(ROUTES.createTeam), async (context) =>
    context.json(await createTeam(parts, { caller: context.get("caller"), ...context.req.valid("param") }), 201),
  );
  app.openapi(route(ROUTES.getTeam), async (context) =>
    context.json(await getTeam(parts, { caller: context.get("caller"), ...context.req.valid("param") }), 200),
  );
  app.openapi(route(ROUTES.deleteTeam), async (context) => {
    await deleteTeam(parts, { caller: context.get("caller"), ...context.req.valid("param") });
    return context.body(null, 204);
  });
  app.openapi(route(ROUTES.putMember), async (context) =>
    context.json(
      await putMember(parts, { caller: context.get("caller"), ...context.req.valid("param"), ...context.req.valid("json") }),
      200,
    ),
  );
  app.openapi(route(ROUTES.deleteMember), async (context) =>
    context.json(await deleteMember(parts, { caller: context.get("caller"), ...context.req.valid("param") }), 200),
  );
}
