import type { Adapter } from "@graft/format";
import type { TargetMatch } from "@graft/methods";
import type { Feeds, Session, SessionOptions, TensorValue } from "@graft/runtime";

/** An adapter that fits, ready to be put on the base. */
export interface FittedAdapter {
  readonly name: string;
  readonly adapter: Adapter;
  readonly matches: readonly TargetMatch[];
}

/** Runs one batch with one adapter. */
export interface Engine {
  /** Takes one more adapter; what runs meanwhile is not disturbed. */
  add(fitted: FittedAdapter): Promise<void>;
  /** The model's output for the batch: logits, or hidden states of an adapter without a head. */
  run(feeds: Feeds, fitted: FittedAdapter): Promise<TensorValue>;
  close(): Promise<void>;
}

/** Opens a session: in Node, the runtime's. */
export type OpenSession = (model: Uint8Array, options: SessionOptions) => Promise<Session>;

/** The feeds that a model takes: exporters leave out inputs that they do not need. */
export function feedsFor(session: Session, feeds: Feeds): Feeds {
  return Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputNames.includes(name)));
}
