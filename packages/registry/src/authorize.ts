import { GraftError } from "@graft/error";
import type { Action } from "@graft/protocol";
import { createMiddleware } from "hono/factory";
import type { Caller } from "./caller.ts";
import type { RegistryEnvironment, RegistryParts } from "./context.ts";
import { hashToken, isTokenText } from "./token-text.ts";

/** Reads the token of a request. None is fine here; a wrong or expired one is refused everywhere, so that nobody believes to be signed in. */
export function authenticate({ metadata, clock }: RegistryParts) {
  return createMiddleware<RegistryEnvironment>(async (context, next) => {
    const header = context.req.header("authorization");
    if (header !== undefined) {
      const text = /^bearer +(\S+)$/i.exec(header)?.[1];
      const token = text !== undefined && (await isTokenText(text)) ? await metadata.tokens.withHash(await hashToken(text)) : undefined;
      // One answer for what never existed, was revoked, or was mistyped.
      if (token === undefined) throw unauthorized("the token is not valid");
      if (token.expiresAt !== undefined && token.expiresAt <= clock().toISOString()) throw unauthorized("the token has expired");
      context.set("caller", token);
    }
    await next();
  });
}

/** Stops a request without a token before its body is read. */
export const requireToken = createMiddleware<RegistryEnvironment>(async (context, next) => {
  signedIn(context.get("caller"));
  await next();
});

function unauthorized(why: string): GraftError {
  return new GraftError("UNAUTHORIZED", `Cannot sign in: ${why}`, {
    hint: "Get a token from whoever runs the registry, then run graft login",
  });
}

/** Gives the sender of a request, whatever it may do. UNAUTHORIZED. */
export function signedIn(caller: Caller | undefined): Caller {
  if (caller === undefined) throw unauthorized("there is no token");
  return caller;
}

/** Gives the sender when it may do an action, on a name where one is given. UNAUTHORIZED, FORBIDDEN. */
export function allowed(given: Caller | undefined, action: Action, name?: string): Caller {
  const token = signedIn(given);
  const hint = "Ask for a token that does (graft token create)";
  if (!token.actions.includes(action)) {
    throw new GraftError("FORBIDDEN", `Cannot ${action}: the token "${token.label}" allows ${token.actions.join(", ")}`, { hint });
  }
  if (name !== undefined && !token.names.some((pattern) => covers(pattern, name))) {
    throw new GraftError("FORBIDDEN", `Cannot ${action} ${name}: the token "${token.label}" is for ${token.names.join(", ")}`, { hint });
  }
  return token;
}

/** Whether a pattern (`*`, `@scope/*`, a name) covers a name or a narrower pattern. */
export function covers(pattern: string, name: string): boolean {
  if (pattern === "*" || pattern === name) return true;
  return pattern.endsWith("/*") && name.startsWith(pattern.slice(0, -1));
}
