import { GraftError } from "@graft/error";
import type { NativeSession } from "./native-session.ts";
import type { Session, SessionOptions } from "./session.ts";
import { openStateful } from "./stateful-session.ts";
import type { Feeds } from "./tensor-value.ts";

/** What a session in the caller's own thread needs of the place it is in. */
export interface DirectRuntime {
  load(model: Uint8Array, options: SessionOptions): Promise<NativeSession>;
  /** Highest memory so far in bytes; 0 where nobody tells. */
  memory(): number;
}

/** Opens a session in the thread it is called in; runs queue. ONNX_INVALID, DEVICE_UNAVAILABLE. */
export async function openDirect(runtime: DirectRuntime, model: Uint8Array, options: SessionOptions): Promise<Session> {
  // What a part writes over piece by piece must not be the caller's.
  const owned = Object.values(options.parts ?? {}).some(({ pieces }) => pieces !== undefined) ? copied : (state: Feeds): Feeds => state;
  const { native, session } = await openStateful((bytes, given) => runtime.load(bytes, given), model, {
    ...options,
    state: owned(options.state ?? {}),
  });
  let last: Promise<unknown> = Promise.resolve();
  let closed: Promise<void> | undefined;
  const queue = <Result>(work: () => Result | Promise<Result>): Promise<Result> => {
    if (closed !== undefined) return Promise.reject(new GraftError("CANCELLED", "Cannot use the session: it is closed"));
    const result = last.then(() => {
      if (closed !== undefined) throw new GraftError("CANCELLED", "Cannot finish the run: the session was closed");
      return work();
    });
    last = result.catch(() => undefined);
    return result;
  };
  return {
    inputNames: native.inputNames,
    outputNames: native.outputNames,
    device: native.device,
    run: (feeds, choice) => queue(() => session.run(feeds, choice)),
    state: (names) => queue(() => session.state(names)),
    setState: (state) => queue(() => session.setState(owned(state))),
    operatorTimes: () => queue(() => session.operatorTimes()),
    peakMemory: () => queue(() => runtime.memory()),
    close: () => (closed ??= last.then(() => session.release())),
  };
}

function copied(state: Feeds): Feeds {
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [name, { ...value, data: value.data.slice() }]));
}
