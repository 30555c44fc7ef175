import { GraftError } from "@graft/error";
import type { LoadedModel } from "@graft/loader";
import { toFault } from "@graft/runtime";
import { loadHere } from "./load-here.ts";
import type { PageAnswer, PageRequest } from "./messages.ts";

/** The thread of one model of a page: it fetches, loads and runs, and answers requests in the order they come. */
const port = globalThis as unknown as {
  readonly name: string;
  postMessage(answer: PageAnswer): void;
  addEventListener(type: "message", receive: (event: { readonly data: PageRequest }) => void): void;
};

/** How ONNX Runtime calls the threads that it starts. */
const RUNTIME_THREAD = "em-pthread";

const stop = new AbortController();
let model: LoadedModel | undefined;
let last: Promise<unknown> = Promise.resolve();

// In a bundle the runtime starts its own threads with this very file: what is said to those is not for us.
if (!port.name.startsWith(RUNTIME_THREAD)) port.addEventListener("message", receive);

function receive({ data }: { readonly data: PageRequest }): void {
  if (data.kind === "abort") {
    stop.abort(new GraftError("CANCELLED", "The loading was cancelled"));
    return;
  }
  last = last.then(async () => {
    const answer = await handle(data).catch((error: unknown): PageAnswer => ({ id: data.id, kind: "failed", fault: toFault(error) }));
    port.postMessage(answer);
  });
}

async function handle(request: Exclude<PageRequest, { readonly kind: "abort" }>): Promise<PageAnswer> {
  const { id } = request;
  if (request.kind === "load") {
    model = await loadHere(request.base, {
      ...request.options,
      signal: stop.signal,
      progress: (name, done, total) => port.postMessage({ id, kind: "progress", name, done, total }),
    });
    return { id, kind: "loaded", mode: model.mode, adapters: model.adapters };
  }
  if (model === undefined) throw new TypeError("The model is not loaded");
  switch (request.kind) {
    case "run":
      return { id, kind: "ran", predictions: await model.run(request.rows, request.options) };
    case "add":
      return { id, kind: "added", adapter: await model.add(request.adapter) };
    case "close":
      await model.close();
      return { id, kind: "closed" };
  }
}
