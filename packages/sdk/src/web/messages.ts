import type { LoadedAdapter, Prediction, Row, RunRowsOptions } from "@graft/loader";
import type { Fault } from "@graft/runtime";
import type { PageOptions } from "./page-options.ts";

/** What a page asks of the worker that has its model, each with a number that the answer repeats. */
export type PageRequest = { readonly id: number } & (
  | { readonly kind: "load"; readonly base: string; readonly options: PageOptions }
  | { readonly kind: "run"; readonly rows: readonly Row[]; readonly options: RunRowsOptions }
  | { readonly kind: "add"; readonly adapter: string | Uint8Array }
  | { readonly kind: "abort" }
  | { readonly kind: "close" }
);

/** What a worker says: an answer, why there is none, or how far a download is. */
export type PageAnswer = { readonly id: number } & (
  | { readonly kind: "loaded"; readonly mode: "merge" | "attach"; readonly adapters: readonly LoadedAdapter[] }
  | { readonly kind: "ran"; readonly predictions: readonly Prediction[] }
  | { readonly kind: "added"; readonly adapter: LoadedAdapter }
  | { readonly kind: "closed" }
  | { readonly kind: "progress"; readonly name: string; readonly done: number; readonly total: number }
  | { readonly kind: "failed"; readonly fault: Fault }
);
