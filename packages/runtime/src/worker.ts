import { parentPort, workerData } from "node:worker_threads";
import { type ExitGate, passGate } from "./exit-gate.ts";
import { type Answer, movable, type Request, toFault } from "./messages.ts";
import { loadNative } from "./onnxruntime.ts";
import { openStateful, type StatefulSession } from "./stateful-session.ts";

/** The thread of one session: it loads the model, then answers requests in the order they come. */
const port = parentPort;
if (port === null) throw new TypeError("This file is the body of a worker thread");

let session: StatefulSession | undefined;
let last: Promise<unknown> = Promise.resolve();
let closing = false;

port.on("message", (request: Request) => {
  closing ||= request.kind === "close";
  last = last.then(async () => {
    // What still waits when the session closes has been answered there.
    if (closing && request.kind !== "close") return;
    const answer = await passGate(workerData as ExitGate, () => handle(request)).catch((error: unknown): Answer => ({
      id: request.id,
      fault: toFault(error),
    }));
    port.postMessage(answer, movable(answer.values ?? {}));
    if (request.kind === "close" || session === undefined) port.close();
  });
});

async function handle(request: Request): Promise<Answer> {
  const { id } = request;
  if (request.kind === "open") {
    const opened = await openStateful(loadNative, request.model, request.options);
    ({ session } = opened);
    const { native } = opened;
    return { id, loaded: { inputs: native.inputNames, outputs: native.outputNames, device: native.device } };
  }
  if (session === undefined) throw new TypeError("The session is not open");
  switch (request.kind) {
    case "run":
      return { id, values: await session.run(request.feeds, request.options) };
    case "state":
      return { id, values: session.state(request.names) };
    case "setState":
      session.setState(request.state);
      return { id };
    case "operatorTimes":
      return { id, times: session.operatorTimes() };
    case "close":
      await session.release();
      return { id };
  }
}
