import { isGraftError } from "@graft/error";
import type { Action, Role } from "@graft/protocol";
import type { Context, Hono } from "hono";
import { originOf, type PageEnvironment } from "../context.ts";
import { page } from "../layout/render.ts";
import { LINKS } from "../parts/links.ts";
import { Account } from "./account-page.tsx";
import { Admin } from "./admin-page.tsx";
import { formOf } from "./form.ts";
import type { ShownProblem } from "./field.tsx";
import { ScopeSettings } from "./scope-settings.tsx";
import { shown } from "./sign-in-routes.tsx";

type PageContext = Context<PageEnvironment>;
type Health = () => Promise<Readonly<Record<string, boolean>>>;

// Forms send what they like: the registry judges it, so types here only say what was meant.
/** One's own pages, those of a scope for its owners, and those of the registry for who runs it. */
export function mountAccountPages(app: Hono<PageEnvironment>, health: Health): void {
  // Whoever is not signed in is asked to, and comes back.
  for (const path of ["/account", "/account/*", "/admin", "/admin/*"]) {
    app.use(path, async (context, next) => {
      context.header("cache-control", "no-store");
      try {
        context.set("session", await context.get("client").access.session());
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
      actions: form.all("actions") as Action[],
      expiresInDays: Number(form.text("days")),
      ...(addresses.length === 0 ? {} : { addresses }),
    };
    return shown(
      async () => {
        const { token } = await context.get("client").createToken(body);
        return showAccount(context, { created: token });
      },
      (problem) => showAccount(context, { problem }),
    );
  });
  app.post("/account/tokens/:id/revoke", async (context) => {
    await context.get("client").revokeToken(context.req.param("id"));
    return context.redirect("/account#tokens", 303);
  });
  app.post("/account/staged/:scope/:name/:version", async (context) => {
    const { scope, name, version } = context.req.param();
    const isApproved = (await formOf(context)).text("answer") === "approve";
    const adapter = `${scope}/${name}`;
    return shown(
      async () => {
        if (!isApproved) {
          await context.get("client").unstage(adapter, version);
          return context.redirect("/account", 303);
        }
        await context.get("client").approve(adapter, version);
        return context.redirect(LINKS.adapter(adapter, version), 303);
      },
      (problem) => showAccount(context, { problem }),
    );
  });
  app.post("/account/password", async (context) => {
    const form = await formOf(context);
    const { user } = context.get("session");
    return shown(
      async () => {
        const body = { current: form.all("current")[0] ?? "", password: form.all("password")[0] ?? "" };
        await context.get("client").access.setPassword(user, body);
        return context.redirect("/sign-in", 303);
      },
      (problem) => showAccount(context, { problem }),
    );
  });
  app.post("/account/scopes", async (context) => {
    const scope = (await formOf(context)).text("scope").replace(/^@/, "");
    return shown(
      async () => {
        await context.get("client").access.createScope(scope);
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
        if (role === "") await context.get("client").access.removeOwner(scope, holder);
        else await context.get("client").access.addOwner(scope, { holder, role: role as Role });
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
        const { code } = await context.get("client").access.invite(body);
        return showAdmin(context, {
          health: await health(),
          invitation: `${originOf(context)}/join?${new URLSearchParams({ code }).toString()}`,
        });
      },
      async (problem) => showAdmin(context, { health: await health(), problem }),
    );
  });
}

async function showAccount(
  context: PageContext,
  more: { readonly created?: string; readonly problem?: ShownProblem } = {},
): Promise<Response> {
  const [{ scopes }, { tokens }, { staged }] = await Promise.all([
    context.get("client").access.scopes({ limit: 100 }),
    context.get("client").tokens({ limit: 100 }),
    context.get("client").staged({ limit: 100 }),
  ]);
  return page(
    context,
    <Account session={context.get("session")} scopes={scopes} tokens={tokens} staged={staged} {...more} />,
    more.problem === undefined ? 200 : 400,
  );
}

async function showScope(context: PageContext, scope: string, problem?: ShownProblem): Promise<Response> {
  const { access } = context.get("client");
  const [record, { owners }, { entries }] = await Promise.all([
    access.scope(scope),
    access.owners(scope),
    access.audit({ scope, limit: 50 }),
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
  const { access } = context.get("client");
  const [{ accounts }, { scopes }, { entries }] = await Promise.all([
    access.accounts({ limit: 100 }),
    access.scopes({ all: true, limit: 100 }),
    access.audit({ limit: 50 }),
  ]);
  return page(context, <Admin accounts={accounts} scopes={scopes} audit={entries} {...more} />, more.problem === undefined ? 200 : 400);
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}
