import type { Adapter } from "@graft/format";
import type { RoundedTarget, TargetMatch } from "@graft/methods";
import type { Feeds, Session, SessionOptions } from "@graft/runtime";

/** An adapter that fits, ready to be put on the base. */
export interface FittedAdapter {
  readonly name: string;
  readonly adapter: Adapter;
  readonly matches: readonly TargetMatch[];
}

/** What a row is run with: an adapter, or the base alone. */
export type RowAdapter = FittedAdapter | undefined;

/** A row's output without the batch's dimension: [1, outputs], or [positions, outputs]. */
export interface RowOutput {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

/** Runs batches whose rows have adapters. */
export interface Engine {
  /** Takes one more adapter; what runs meanwhile is not disturbed. Gives the targets in which a merge was rounded. */
  add(fitted: FittedAdapter): Promise<readonly RoundedTarget[]>;
  /** Lets an adapter go, and what only it needed. */
  remove(fitted: FittedAdapter): Promise<void>;
  /** Rows can be run together where this is the same. */
  lotOf(adapter: RowAdapter): Promise<string>;
  /** The outputs of rows of one lot: logits, or hidden states where there is no head. */
  run(feeds: Feeds, rows: readonly RowAdapter[]): Promise<RowOutput[]>;
  /** Opens what a run with the adapter needs. */
  prepare(adapter: RowAdapter): Promise<void>;
  close(): Promise<void>;
}

/** Opens a session: in Node, the runtime's. */
export type OpenSession = (model: Uint8Array, options: SessionOptions) => Promise<Session>;

/** The feeds that a model takes: exporters leave out inputs that they do not need. */
export function feedsFor(session: Pick<Session, "inputNames">, feeds: Feeds): Feeds {
  return Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputNames.includes(name)));
}

/** One thing after the other, in the order in which they were asked for. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
