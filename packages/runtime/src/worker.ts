import { parentPort, workerData } from "node:worker_threads";
import { type Answer, movable, type Request, toFault, type WorkerStart } from "./messages.ts";
import { loadNative } from "./onnxruntime.ts";
import { StatefulSession } from "./stateful-session.ts";

/** The thread of one session: it loads the model, then answers requests in the order they come. */
const port = parentPort;
if (port === null) throw new TypeError("This file is the body of a worker thread");

const answer = (message: Answer): void => port.postMessage(message, movable(message.values ?? {}));

async function handle(session: StatefulSession, request: Request): Promise<Answer> {
  const { id } = request;
  switch (request.kind) {
    case "run":
      return { id, values: await session.run(request.feeds, request.fetches) };
    case "state":
      return { id, values: session.state(request.names) };
    case "setState":
      session.setState(request.state);
      return { id };
    case "close":
      await session.release();
      return { id };
  }
}

try {
  const { model, options } = workerData as WorkerStart;
  const native = await loadNative(model, options);
  const session = new StatefulSession(native, options);
  let last: Promise<unknown> = Promise.resolve();
  let closing = false;
  port.on("message", (request: Request) => {
    closing ||= request.kind === "close";
    last = last.then(async () => {
      // What still waits when the session closes has been answered there.
      if (closing && request.kind !== "close") return;
      try {
        answer(await handle(session, request));
      } catch (error) {
        answer({ id: request.id, fault: toFault(error) });
      }
      if (request.kind === "close") port.close();
    });
  });
  answer({ id: 0, loaded: { inputs: session.inputNames, outputs: session.outputNames, device: native.device } });
} catch (error) {
  answer({ id: 0, fault: toFault(error) });
  port.close();
}
