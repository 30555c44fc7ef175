import { GraftError } from "@graft/error";
import type { Action } from "@graft/protocol";
import { createMiddleware } from "hono/factory";
import { accountMay, isRoot, scopeOf, type Caller } from "./caller.ts";
import type { RegistryEnvironment } from "./context.ts";

/** Stops a request that is not signed in before its body is read. */
export const requireToken = createMiddleware<RegistryEnvironment>(async (context, next) => {
  signedIn(context.get("caller"));
  await next();
});

/** Why nobody is signed in. */
export function unauthorized(why: string): GraftError {
  return new GraftError("UNAUTHORIZED", `Cannot sign in: ${why}`, {
    hint: "Get a token from whoever runs the registry, then run graft login",
  });
}

/** Gives the sender of a request, whatever it may do. UNAUTHORIZED. */
export function signedIn(caller: Caller | undefined): Caller {
  if (caller === undefined) throw unauthorized("there is no token");
  return caller;
}

/** Gives the sender when it may do an action, on a name or `@scope/*` where one is given. UNAUTHORIZED, FORBIDDEN. */
export function allowed(asking: Caller | undefined, action: Action, name?: string): Caller {
  const caller = signedIn(asking);
  const hint = "Ask for a token that does (graft token create)";
  if (!caller.actions.includes(action)) {
    throw new GraftError("FORBIDDEN", `Cannot ${action}: the token "${caller.label}" allows ${caller.actions.join(", ")}`, { hint });
  }
  if (name === undefined) return caller;
  if (!caller.names.some((pattern) => covers(pattern, name))) {
    throw new GraftError("FORBIDDEN", `Cannot ${action} ${name}: the token "${caller.label}" is for ${caller.names.join(", ")}`, { hint });
  }
  if (!accountMay(caller, action, name)) {
    const scope = scopeOf(name);
    throw new GraftError("FORBIDDEN", `Cannot ${action} ${name}: "${caller.account?.name}" has no role in @${scope} that allows it`, {
      hint: `Ask its owners for one (graft owner ls @${scope}), or claim the scope if nobody has (graft scope create @${scope})`,
      detail: { scope, role: caller.account?.roles[scope] ?? null },
    });
  }
  return caller;
}

/** Whether the sender may do an action on a name. */
export function may(caller: Caller, action: Action, name: string): boolean {
  return caller.actions.includes(action) && caller.names.some((pattern) => covers(pattern, name)) && accountMay(caller, action, name);
}

/** Gives the sender when it runs the registry. UNAUTHORIZED, FORBIDDEN. */
export function root(asking: Caller | undefined, what: string): Caller {
  const caller = signedIn(asking);
  if (isRoot(caller)) return caller;
  throw new GraftError("FORBIDDEN", `Cannot ${what}: only those who run the registry may`, { hint: "Ask an administrator" });
}

/** Whether a pattern (`*`, `@scope/*`, a name) covers a name or a narrower pattern. */
export function covers(pattern: string, name: string): boolean {
  if (pattern === "*" || pattern === name) return true;
  return pattern.endsWith("/*") && name.startsWith(pattern.slice(0, -1));
}
