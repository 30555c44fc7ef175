import { isGraftError } from "@graft/error";
import {
  AccountList,
  AuditLog,
  InvitationCreated,
  OwnerList,
  routePath,
  ScopeList,
  ScopeRecord,
  Session,
  StagedList,
  TokenCreated,
  TokenList,
} from "@graft/protocol";
import type { Context, Hono } from "hono";
import { z } from "zod";
import { originOf, type PageEnvironment } from "../context.ts";
import { page } from "../layout/render.ts";
import { LINKS } from "../parts/links.ts";
import { Account } from "./account-page.tsx";
import { Admin } from "./admin-page.tsx";
import { change, formOf } from "./change.ts";
import type { ShownProblem } from "./field.tsx";
import { ScopeSettings } from "./scope-settings.tsx";
import { shown } from "./sign-in-routes.tsx";

type PageContext = Context<PageEnvironment>;
type Health = () => Promise<Readonly<Record<string, boolean>>>;
const NOTHING = z.undefined();

/** One's own pages, those of a scope for its owners, and those of the registry for who runs it. */
export function mountAccountPages(app: Hono<PageEnvironment>, health: Health): void {
  // Whoever is not signed in is asked to, and comes back.
  for (const path of ["/account", "/account/*", "/admin", "/admin/*"]) {
    app.use(path, async (context, next) => {
      context.header("cache-control", "no-store");
      try {
        await sessionOf(context);
      } catch (cause) {
        if (!isGraftError(cause) || cause.code !== "UNAUTHORIZED") throw cause;
        return context.redirect(`/sign-in?${new URLSearchParams({ returnTo: context.req.path }).toString()}`, 303);
      }
      await next();
    });
  }
  app.get("/account", (context) => showAccount(context));
  app.post("/account/tokens", async (context) => {
    const form = await formOf(context);
    const addresses = words(form.text("addresses"));
    const body = {
      label: form.text("label"),
      names: words(form.text("names")),
      actions: form.all("actions"),
      expiresInDays: Number(form.text("days")),
      ...(addresses.length === 0 ? {} : { addresses }),
    };
    return shown(
      async () => {
        const { token } = await change(context, { method: "POST", path: routePath("createToken", {}), body, schema: TokenCreated });
        return showAccount(context, { created: token });
      },
      (problem) => showAccount(context, { problem }),
    );
  });
  app.post("/account/tokens/:id/revoke", async (context) => {
    await change(context, { method: "DELETE", path: routePath("deleteToken", { id: context.req.param("id") }), schema: NOTHING });
    return context.redirect("/account#tokens", 303);
  });
  app.post("/account/staged/:scope/:name/:version", async (context) => {
    const { scope, name, version } = context.req.param();
    const isApproved = (await formOf(context)).text("answer") === "approve";
    const parameters = { scope: scope.slice(1), name, version };
    return shown(
      async () => {
        if (!isApproved) {
          await change(context, { method: "DELETE", path: routePath("unstage", parameters), schema: NOTHING });
          return context.redirect("/account", 303);
        }
        await change(context, { method: "POST", path: routePath("approve", parameters), schema: z.unknown() });
        return context.redirect(LINKS.adapter(`${scope}/${name}`, version), 303);
      },
      (problem) => showAccount(context, { problem }),
    );
  });
  app.post("/account/password", async (context) => {
    const form = await formOf(context);
    const { user } = await sessionOf(context);
    return shown(
      async () => {
        const body = { current: form.all("current")[0] ?? "", password: form.all("password")[0] ?? "" };
        await change(context, { method: "PUT", path: routePath("setPassword", { user }), body, schema: NOTHING });
        return context.redirect("/sign-in", 303);
      },
      (problem) => showAccount(context, { problem }),
    );
  });
  app.post("/account/scopes", async (context) => {
    const scope = (await formOf(context)).text("scope").replace(/^@/, "");
    return shown(
      async () => {
        await change(context, { method: "PUT", path: routePath("createScope", { scope }), body: {}, schema: ScopeRecord });
        return context.redirect(`/account/scopes/${encodeURIComponent(scope)}`, 303);
      },
      (problem) => showAccount(context, { problem }),
    );
  });
  app.get("/account/scopes/:scope", (context) => showScope(context, context.req.param("scope")));
  app.post("/account/scopes/:scope/roles", async (context) => {
    const scope = context.req.param("scope");
    const form = await formOf(context);
    const [holder, role] = [form.text("holder"), form.text("role")];
    return shown(
      async () => {
        if (role === "") await change(context, { method: "DELETE", path: routePath("deleteOwner", { scope, holder }), schema: NOTHING });
        else await change(context, { method: "PUT", path: routePath("putOwner", { scope, holder }), body: { role }, schema: z.unknown() });
        return context.redirect(`/account/scopes/${encodeURIComponent(scope)}`, 303);
      },
      (problem) => showScope(context, scope, problem),
    );
  });
  app.get("/admin", async (context) => showAdmin(context, { health: await health() }));
  app.post("/admin/invitations", async (context) => {
    const form = await formOf(context);
    const email = form.text("email");
    const body = { ...(email === "" ? {} : { email }), admin: form.text("admin") === "yes" };
    return shown(
      async () => {
        const { code } = await change(context, {
          method: "POST",
          path: routePath("createInvitation", {}),
          body,
          schema: InvitationCreated,
        });
        return showAdmin(context, {
          health: await health(),
          invitation: `${originOf(context)}/join?${new URLSearchParams({ code }).toString()}`,
        });
      },
      async (problem) => showAdmin(context, { health: await health(), problem }),
    );
  });
}

function sessionOf(context: PageContext): Promise<Session> {
  return change(context, { method: "GET", path: routePath("getSession", {}), schema: Session });
}

async function showAccount(
  context: PageContext,
  more: { readonly created?: string; readonly problem?: ShownProblem } = {},
): Promise<Response> {
  const [session, { scopes }, { tokens }, { staged }] = await Promise.all([
    sessionOf(context),
    change(context, { method: "GET", path: `${routePath("listScopes", {})}?limit=100`, schema: ScopeList }),
    change(context, { method: "GET", path: `${routePath("listTokens", {})}?limit=100`, schema: TokenList }),
    change(context, { method: "GET", path: `${routePath("listStaged", {})}?limit=100`, schema: StagedList }),
  ]);
  return page(
    context,
    <Account session={session} scopes={scopes} tokens={tokens} staged={staged} {...more} />,
    more.problem === undefined ? 200 : 400,
  );
}

async function showScope(context: PageContext, scope: string, problem?: ShownProblem): Promise<Response> {
  const [record, { owners }, { entries }] = await Promise.all([
    change(context, { method: "GET", path: routePath("getScope", { scope }), schema: ScopeRecord }),
    change(context, { method: "GET", path: routePath("listOwners", { scope }), schema: OwnerList }),
    change(context, { method: "GET", path: `${routePath("getScopeAudit", { scope })}?limit=50`, schema: AuditLog }),
  ]);
  return page(
    context,
    <ScopeSettings scope={record} owners={owners} audit={entries} problem={problem} />,
    problem === undefined ? 200 : 400,
  );
}

async function showAdmin(
  context: PageContext,
  more: { readonly health: Readonly<Record<string, boolean>>; readonly invitation?: string; readonly problem?: ShownProblem },
): Promise<Response> {
  const [{ accounts }, { scopes }, { entries }] = await Promise.all([
    change(context, { method: "GET", path: `${routePath("listAccounts", {})}?limit=100`, schema: AccountList }),
    change(context, { method: "GET", path: `${routePath("listScopes", {})}?all=true&limit=100`, schema: ScopeList }),
    change(context, { method: "GET", path: `${routePath("getAudit", {})}?limit=50`, schema: AuditLog }),
  ]);
  return page(context, <Admin accounts={accounts} scopes={scopes} audit={entries} {...more} />, more.problem === undefined ? 200 : 400);
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}
