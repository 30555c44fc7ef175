import type { Context } from "hono";

/** What somebody without an account sends as a token: the OCI specification has no way to send none. */
export const ANONYMOUS = "anonymous";

/** The credentials of a request as a bearer token. Clients of the OCI specification also send the token as a password, or that they have none. */
export function credentialsOf(context: Context): string | undefined {
  const header = context.req.header("authorization");
  if (header === undefined || !/^\/v2(\/|$)/.test(context.req.path)) return header;
  const password = passwordOf(header) ?? /^bearer +(\S+)$/i.exec(header)?.[1];
  if (password === ANONYMOUS || password === "") return undefined;
  return password === undefined ? header : `Bearer ${password}`;
}

/** The password of a `Basic` header (RFC 7617); undefined when it is another. */
export function passwordOf(header: string): string | undefined {
  const [, encoded] = /^basic +(\S+)$/i.exec(header) ?? [];
  if (encoded === undefined) return undefined;
  try {
    const pair = atob(encoded);
    return pair.slice(pair.indexOf(":") + 1);
  } catch {
    return undefined;
  }
}
