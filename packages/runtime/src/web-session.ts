import { openDirect } from "./direct-session.ts";
import { loadWeb } from "./onnxruntime-web.ts";
import type { Session, SessionOptions } from "./session.ts";

/** Opens a session in the thread it is called in, a page's or a worker's; a page that must answer meanwhile calls it in a worker. ONNX_INVALID, DEVICE_UNAVAILABLE. */
export function openSession(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
  return openDirect({ load: loadWeb, memory }, model, options);
}

/** What the page's scripts hold, where the browser tells it; 0 elsewhere. WASM memory is not in it. */
function memory(): number {
  return (performance as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize ?? 0;
}
