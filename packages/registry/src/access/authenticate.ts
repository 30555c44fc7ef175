import { GraftError } from "@graft/error";
import type { StoredToken } from "@graft/storage";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { unauthorized } from "../authorize.ts";
import type { Caller, CallerAccount } from "../caller.ts";
import type { RegistryEnvironment, RegistryParts } from "../context.ts";
import { given } from "../records.ts";
import { hashToken, isTokenText } from "../token-text.ts";
import { addressKey, clientAddress, isWithin } from "./client-address.ts";
import { takeOne } from "./limit.ts";
import { credentialsOf } from "./oci-credentials.ts";
import { assertSameOrigin, sessionOf } from "./sessions.ts";

type RequestContext = Context<RegistryEnvironment>;

/**
 * Finds who sends a request: by its token, else by the cookie of a browser. Nobody is fine here; a wrong or expired token is refused
 * everywhere, so that nobody believes to be signed in. Requests are counted for their token, or for their address without one.
 */
export function authenticate(parts: RegistryParts) {
  return createMiddleware<RegistryEnvironment>(async (context, next) => {
    const address = clientAddress(peerOf(context), {
      forwarded: context.req.header("x-forwarded-for"),
      trusted: parts.settings.trustedProxies,
    });
    if (address !== undefined) context.set("address", address);
    const count = (key: string) => takeOne(parts.access.requests, key, "answer");
    const countAddress = () => count(address === undefined ? "unknown" : addressKey(address));
    const caller = await identify(parts, context, address).catch((cause: unknown) => {
      countAddress();
      throw cause;
    });
    if (caller === undefined) countAddress();
    else {
      count(caller.id);
      context.set("caller", caller);
    }
    await next();
    // What is said to somebody is for nobody else's cache.
    if (caller !== undefined && !context.res.headers.has("cache-control")) context.header("cache-control", "private");
    context.header("vary", "authorization, cookie", { append: true });
  });
}

/** The peer of the connection, as Hono's adapter for Node gives it. */
function peerOf(context: RequestContext): string | undefined {
  const environment = context.env as { readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } } } | undefined;
  return environment?.incoming?.socket?.remoteAddress;
}

async function identify(parts: RegistryParts, context: RequestContext, address: string | undefined): Promise<Caller | undefined> {
  const header = credentialsOf(context);
  if (header !== undefined) return await byToken(parts, header, address);
  const session = await sessionOf(parts, context);
  const account = session === undefined ? undefined : await accountOf(parts, session.user);
  if (session === undefined || account === undefined) return undefined;
  assertSameOrigin(parts, context, { needsOrigin: true });
  return {
    id: `session of ${session.user}`,
    label: session.user,
    names: ["*"],
    actions: ["read", "publish", "admin"],
    createdAt: parts.clock().toISOString(),
    expiresAt: session.expiresAt,
    actor: `user:${session.user}`,
    ...given({ address }),
    account,
    isSession: true,
  };
}

async function byToken(parts: RegistryParts, header: string, address: string | undefined): Promise<Caller> {
  const text = /^bearer +(\S+)$/i.exec(header)?.[1];
  const token = text !== undefined && (await isTokenText(text)) ? await parts.metadata.tokens.withHash(await hashToken(text)) : undefined;
  // One answer for what never existed, was revoked, or was mistyped.
  if (token === undefined) throw unauthorized("the token is not valid");
  const now = parts.clock();
  if (token.expiresAt !== undefined && token.expiresAt <= now.toISOString()) throw unauthorized("the token has expired");
  if (token.addresses !== undefined && !isWithin(address, token.addresses)) {
    throw new GraftError("UNAUTHORIZED", `Cannot sign in: the token may not be used from ${address ?? "an unknown address"}`, {
      hint: "Use it from where it is for, or ask for another token",
    });
  }
  const caller = await callerOf(parts, token);
  if (caller === undefined) throw unauthorized("the token is not valid");
  parts.access.tokenUse.note(token.id, now);
  return { ...caller, ...given({ address }) };
}

async function callerOf(parts: RegistryParts, token: StoredToken): Promise<Caller | undefined> {
  const { hash: _, user, ...rest } = token;
  if (user === undefined) return { ...rest, actor: `token:${token.id}`, isSession: false };
  const account = await accountOf(parts, user);
  return account && { ...rest, actor: `user:${user}`, account, isSession: false };
}

/** The account of a name with its roles; none for one that was ended. */
async function accountOf({ metadata }: RegistryParts, name: string): Promise<CallerAccount | undefined> {
  const user = await metadata.users.get(name);
  if (user === undefined || user.disabledAt !== undefined) return undefined;
  return { name, isAdmin: user.isAdmin, roles: await metadata.scopes.rolesOf(name) };
}
