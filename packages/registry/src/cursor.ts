import { GraftError } from "@graft/error";
import { fromBase64Url, toBase64Url } from "@graft/trust";

/** A page as a store asks for it: one item more than wanted shows whether there is a next page. */
export function storePage({ limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined }): {
  limit: number;
  after?: string;
} {
  return { limit: limit + 1, ...(cursor === undefined ? {} : { after: decode(cursor) }) };
}

/** Cuts the one item more, and gives the cursor that goes on after the last one. */
export function cutPage<Item>(
  items: readonly Item[],
  { limit, key }: { limit: number; key: (item: Item) => string },
): { items: Item[]; next?: string } {
  const page = items.slice(0, limit);
  const last = page.at(-1);
  if (items.length <= limit || last === undefined) return { items: page };
  return { items: page, next: toBase64Url(new TextEncoder().encode(key(last))) };
}

function decode(cursor: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(fromBase64Url(cursor));
  } catch (cause) {
    throw new GraftError("USAGE", "Cannot read the cursor: it is not one that a page gave", { cause });
  }
}
