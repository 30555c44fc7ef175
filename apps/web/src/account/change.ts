import { CODES, GraftError, type ErrorCode } from "@graft/error";
import { ErrorBody } from "@graft/protocol";
import type { Context } from "hono";
import type { z } from "zod";
import type { PageEnvironment } from "../context.ts";

/** Sends a change that a form asked for, and hands on the cookies that come with the answer. The GraftError that the registry answered with. */
export async function change<Schema extends z.ZodType>(
  context: Context<PageEnvironment>,
  { method, path, body, schema }: { readonly method: string; readonly path: string; readonly body?: unknown; readonly schema: Schema },
): Promise<z.output<Schema>> {
  const response = await context.get("ask")(path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  for (const cookie of response.headers.getSetCookie()) context.header("set-cookie", cookie, { append: true });
  const answer: unknown = response.status === 204 ? undefined : await response.json();
  if (response.ok) return schema.parse(answer);
  const { code, message, hint } = ErrorBody.parse(answer).error;
  throw new GraftError(code in CODES ? (code as ErrorCode) : "INTERNAL", message, hint === undefined ? {} : { hint });
}

/** The fields of a form that was sent; of several of one name all are kept. */
export async function formOf(context: Context): Promise<{ text(name: string): string; all(name: string): string[] }> {
  const form = await context.req.formData();
  const all = (name: string): string[] => form.getAll(name).filter((value) => typeof value === "string");
  return { all, text: (name) => (all(name)[0] ?? "").trim() };
}

/** A path of this site to go to afterwards: never another site, however it is written. */
export function ownPath(text: string | undefined): string {
  const base = "http://site.invalid";
  if (text === undefined || !URL.canParse(text, base)) return "/account";
  const { origin, pathname, search } = new URL(text, base);
  return origin === base ? pathname + search : "/account";
}
