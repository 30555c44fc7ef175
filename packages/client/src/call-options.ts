/** Options of calls that can be stopped. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Page of a list: how many, and the cursor that the last page gave. */
export interface PageOptions extends CallOptions {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** A page of a list as parameters of an address. */
export function pageQuery(page: PageOptions): Record<string, string | number | undefined> {
  return { limit: page.limit, cursor: page.cursor };
}
