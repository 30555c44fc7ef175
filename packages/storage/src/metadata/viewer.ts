/** Who asks, in a store's words: everybody sees public adapters, and of the private ones those of these scopes and names. */
export interface Viewer {
  /** Sees every private adapter. */
  readonly everything: boolean;
  /** Scopes, without the `@`. */
  readonly scopes: readonly string[];
  /** Names, `@scope/name`. */
  readonly names: readonly string[];
}

/** Somebody who is not signed in. */
export const STRANGER: Viewer = { everything: false, scopes: [], names: [] };

/** The registry itself, and those who run it. */
export const EVERYTHING: Viewer = { everything: true, scopes: [], names: [] };

/** Who may read an adapter: everybody, or those with a role in its scope. */
export type Visibility = "public" | "private";
