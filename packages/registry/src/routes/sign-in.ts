import { GraftError } from "@graft/error";
import { ROUTES, type Session } from "@graft/protocol";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { checkPassword } from "../access/check-password.ts";
import { answerDevice, beginDevice, deviceQuestion, deviceToken } from "../access/devices.ts";
import { issueToken } from "../access/issue-token.ts";
import { assertSameOrigin, audienceOf, beginSession, endSession, publicOrigin } from "../access/sessions.ts";
import { exchangeWorkload } from "../access/workloads.ts";
import { signedIn, unauthorized } from "../authorize.ts";
import type { RegistryParts } from "../context.ts";
import { given } from "../records.ts";
import { route, type RegistryApp } from "./mount.ts";

/** Ties the way back from the issuer to the browser that left. */
const STATE_COOKIE = "graft_sign_in";
const STATE_PATH = "/v1/sign-in/oidc";

/** Sessions of browsers, and how programs get tokens. */
export function mountSignIn(app: RegistryApp, parts: RegistryParts): void {
  const { singleSignOn } = parts.access;
  app.openapi(route(ROUTES.getSignIn), (context) => {
    const sso = singleSignOn === undefined ? undefined : { label: singleSignOn.settings.label, path: STATE_PATH };
    return context.json(
      { signUp: parts.settings.signUp, ...given({ singleSignOn: sso }), ...given({ audience: audienceOf(parts, context) }) },
      200,
    );
  });
  app.openapi(route(ROUTES.getSession), (context) => {
    const { account, expiresAt = "" } = signedIn(context.get("caller"));
    if (account === undefined) throw unauthorized("the token belongs to no account");
    return context.json({ user: account.name, admin: account.isAdmin, roles: { ...account.roles }, expiresAt }, 200);
  });
  app.openapi(route(ROUTES.createSession), async (context) => {
    assertSameOrigin(parts, context, { needsOrigin: false });
    const user = await checkPassword(parts, { ...context.req.valid("json"), address: context.get("address") });
    return context.json(await sessionRecord(user, await beginSession(parts, context, user)), 201);
  });
  app.openapi(route(ROUTES.deleteSession), async (context) => {
    assertSameOrigin(parts, context, { needsOrigin: false });
    await endSession(parts, context);
    return context.body(null, 204);
  });
  app.openapi(route(ROUTES.signInByPassword), async (context) => {
    const { user: name, password, label, names, actions } = context.req.valid("json");
    const address = context.get("address");
    const user = await checkPassword(parts, { user: name, password, address });
    return context.json(await issueToken(parts, { label, names, actions, user, actor: `user:${user}`, address }), 201);
  });
  app.openapi(route(ROUTES.createDevice), async (context) => {
    const request = context.req.valid("json");
    return context.json(await beginDevice(parts, { request, address: context.get("address"), origin: publicOrigin(parts, context) }), 201);
  });
  app.openapi(route(ROUTES.signInByDevice), async (context) =>
    context.json(await deviceToken(parts, context.req.valid("json").deviceCode), 201),
  );
  app.openapi(route(ROUTES.getDevice), async (context) =>
    context.json(await deviceQuestion(parts, { caller: context.get("caller"), ...context.req.valid("param") }), 200),
  );
  app.openapi(route(ROUTES.answerDevice), async (context) =>
    context.json(
      await answerDevice(parts, { caller: context.get("caller"), ...context.req.valid("param"), ...context.req.valid("json") }),
      200,
    ),
  );
  app.openapi(route(ROUTES.beginSingleSignOn), async (context) => {
    if (singleSignOn === undefined)
      throw new GraftError("NOT_FOUND", "Cannot begin single sign-on: this registry has none", { hint: "Sign in with a password" });
    const origin = publicOrigin(parts, context);
    const { url, secret } = await singleSignOn.begin(parts, {
      redirectUri: `${origin}${STATE_PATH}/callback`,
      ...context.req.valid("query"),
    });
    // Lax: the issuer sends the browser back by a link.
    setCookie(context, STATE_COOKIE, secret, {
      path: STATE_PATH,
      httpOnly: true,
      sameSite: "Lax",
      secure: origin.startsWith("https:"),
      maxAge: 600,
    });
    return context.redirect(url.href, 302);
  });
  app.openapi(route(ROUTES.endSingleSignOn), async (context) => {
    const secret = getCookie(context, STATE_COOKIE);
    if (singleSignOn === undefined || secret === undefined)
      throw new GraftError("UNAUTHORIZED", "Cannot sign in: this browser began no sign-in", { hint: "Begin again" });
    deleteCookie(context, STATE_COOKIE, { path: STATE_PATH });
    const { search } = new URL(context.req.url);
    const url = new URL(`${publicOrigin(parts, context)}${STATE_PATH}/callback${search}`);
    const { user, returnTo } = await singleSignOn.end(parts, { url, secret, address: context.get("address") });
    await beginSession(parts, context, user);
    return context.redirect(returnTo, 302);
  });
  app.openapi(route(ROUTES.signInByWorkload), async (context) => {
    const { token } = context.req.valid("json");
    const audience = audienceOf(parts, context);
    if (audience === undefined)
      throw new GraftError("FORBIDDEN", "Cannot exchange the token: this registry does not know its own address", {
        hint: "Whoever runs it sets GRAFT_PUBLIC_URL",
      });
    return context.json(await exchangeWorkload(parts, { token, audience, address: context.get("address") }), 201);
  });

  async function sessionRecord(user: string, expiresAt: string): Promise<Session> {
    const account = await parts.metadata.users.get(user);
    return { user, admin: account?.isAdmin ?? false, roles: { ...(await parts.metadata.scopes.rolesOf(user)) }, expiresAt };
  }
}
