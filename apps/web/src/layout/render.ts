import type { Context } from "hono";
import type { JSXNode } from "hono/jsx";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** Answers with a whole document. */
export function page(context: Context, document: JSXNode | Promise<JSXNode>, status: ContentfulStatusCode = 200): Response {
  return context.html(`<!doctype html>${String(document)}`, status);
}
