import { GraftError } from "@graft/error";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { RegistryEnvironment, RegistryParts } from "../context.ts";
import { hashToken } from "../token-text.ts";
import { createSecret } from "./secrets.ts";

/** How long a browser stays signed in. */
const SESSION_DAYS = 7;

/** Methods that change nothing. */
const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

type RequestContext = Context<RegistryEnvironment>;

/** The address by which browsers know this registry: the setting, or what the request says. */
export function publicOrigin({ settings }: Pick<RegistryParts, "settings">, context: RequestContext): string {
  return new URL(settings.publicUrl ?? context.req.url).origin;
}

/**
 * What a workload's token must name as its audience. Whoever sends a request writes its host, so only the setting counts: else a token
 * that was made for another registry could be brought here. On loopback, where registries are tried out, the host will do.
 */
export function audienceOf(parts: Pick<RegistryParts, "settings">, context: RequestContext): string | undefined {
  const origin = publicOrigin(parts, context);
  return parts.settings.publicUrl !== undefined || isLoopback(new URL(origin).hostname) ? origin : undefined;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** `__Host-` keeps other hosts from setting the cookie, and wants `Secure`, which plain HTTP on loopback has not. */
function cookieOf(parts: RegistryParts, context: RequestContext): { name: string; secure: boolean } {
  const { protocol, hostname } = new URL(publicOrigin(parts, context));
  const secure = protocol === "https:" || !isLoopback(hostname);
  return { name: secure ? "__Host-graft_session" : "graft_session", secure };
}

/** Signs a browser in: always by a new cookie, so that one that was planted before means nothing afterwards. Gives when it ends. */
export async function beginSession(parts: RegistryParts, context: RequestContext, user: string): Promise<string> {
  await endSession(parts, context);
  const secret = createSecret();
  const now = parts.clock();
  const expires = new Date(now.getTime() + SESSION_DAYS * 24 * 60 * 60 * 1000);
  const session = { hash: await hashToken(secret), user, createdAt: now.toISOString(), expiresAt: expires.toISOString() };
  await parts.metadata.signIns.addSession(session);
  const { name, secure } = cookieOf(parts, context);
  setCookie(context, name, secret, { path: "/", httpOnly: true, sameSite: "Lax", secure, maxAge: SESSION_DAYS * 24 * 60 * 60 });
  return session.expiresAt;
}

/** Forgets the session of a request, and its cookie. */
export async function endSession(parts: RegistryParts, context: RequestContext): Promise<void> {
  const { name, secure } = cookieOf(parts, context);
  const secret = getCookie(context, name);
  if (secret === undefined) return;
  await parts.metadata.signIns.deleteSession(await hashToken(secret));
  deleteCookie(context, name, { path: "/", secure });
}

/** The session of a request's cookie; one that expired or never was is none, since a browser sends what it has to every page. */
export async function sessionOf(parts: RegistryParts, context: RequestContext): Promise<{ user: string; expiresAt: string } | undefined> {
  if (context.req.header("cookie") === undefined) return undefined;
  const secret = getCookie(context, cookieOf(parts, context).name);
  if (secret === undefined) return undefined;
  const session = await parts.metadata.signIns.session(await hashToken(secret));
  return session === undefined || session.expiresAt <= parts.clock().toISOString() ? undefined : session;
}

/** Refuses a change that a page of another origin sent. Browsers say in `Origin` who sends; what is no browser needs no cookie. FORBIDDEN. */
export function assertSameOrigin(parts: RegistryParts, context: RequestContext, { needsOrigin }: { needsOrigin: boolean }): void {
  if (SAFE.has(context.req.method)) return;
  const origin = context.req.header("origin");
  if (origin === undefined ? !needsOrigin : origin === publicOrigin(parts, context) || isOwnHost(parts, context, origin)) return;
  throw new GraftError(
    "FORBIDDEN",
    `Cannot accept the request: it comes from ${origin === undefined ? "no page" : `"${origin.slice(0, 100)}"`}, not from a page of this registry`,
    {
      hint: "Programs sign in with a token; behind a proxy, set GRAFT_PUBLIC_URL",
    },
  );
}

/** Without a public address, a proxy that speaks TLS changes the scheme but keeps the host. */
function isOwnHost({ settings }: RegistryParts, context: RequestContext, origin: string): boolean {
  return settings.publicUrl === undefined && URL.canParse(origin) && new URL(origin).host === context.req.header("host");
}
