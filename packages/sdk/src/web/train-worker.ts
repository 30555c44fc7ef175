import { GraftError } from "@graft/error";
import { toFault } from "@graft/runtime";
import { openSession } from "@graft/runtime/web";
import { train } from "@graft/train";
import { openPlace } from "./load-here.ts";
import type { TrainAnswer, TrainRequest } from "./train-messages.ts";

/** The thread of one training of a page. */
const port = globalThis as unknown as {
  readonly name: string;
  postMessage(answer: TrainAnswer): void;
  addEventListener(type: "message", receive: (event: { readonly data: TrainRequest }) => void): void;
};

// In a bundle the runtime starts its own threads with this very file.
if (!port.name.startsWith("em-pthread")) port.addEventListener("message", ({ data }) => void answer(data));

async function answer({ base: address, options }: TrainRequest): Promise<void> {
  try {
    port.postMessage({ kind: "trained", bytes: await run(address, options) });
  } catch (cause) {
    port.postMessage({ kind: "failed", fault: toFault(cause) });
  }
}

async function run(
  address: string,
  { rows, method = { name: "lora" }, device = "cpu", ...rest }: TrainRequest["options"],
): Promise<Uint8Array> {
  const { place } = await openPlace(address, {});
  const events = train({
    ...rest,
    base: place.base,
    ...(place.tokenizer === undefined ? {} : { tokenizer: place.tokenizer }),
    task: { type: "text-classification", rows },
    method,
    device,
    openSession: (model, options) => openSession(model, { ...options, files: place.files }),
  });
  for await (const event of events) {
    if (event.type === "step") port.postMessage({ kind: "step", step: event.step, steps: event.steps, loss: event.loss });
    if (event.type === "end" && event.result.kind === "adapter") return event.result.bytes;
  }
  throw new GraftError("INTERNAL", "Cannot give an adapter: the training ended without one");
}
