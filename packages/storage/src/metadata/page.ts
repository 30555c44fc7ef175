/** What every list takes: at most `limit` items after the one that `after` names. */
export interface Page {
  readonly limit: number;
  readonly after?: string | undefined;
}
