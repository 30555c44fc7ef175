import type { Context } from "hono";

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
