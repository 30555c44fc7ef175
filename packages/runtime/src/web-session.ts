import { GraftError } from "@graft/error";
import { loadWeb } from "./onnxruntime-web.ts";
import type { Session, SessionOptions } from "./session.ts";
import { openStateful } from "./stateful-session.ts";

/** Opens a session in the thread it is called in, a page's or a worker's; a page that must answer meanwhile calls it in a worker. ONNX_INVALID, DEVICE_UNAVAILABLE. */
export async function openSession(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const { native, session } = await openStateful(loadWeb, model, options);
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
    setState: (state) => queue(() => session.setState(state)),
    operatorTimes: () => queue(() => session.operatorTimes()),
    peakMemory: () => queue(memory),
    close: () => (closed ??= last.then(() => session.release())),
  };
}

/** What the page's scripts hold, where the browser tells it; 0 elsewhere. WASM memory is not in it. */
function memory(): number {
  return (performance as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize ?? 0;
}
