import { startTraining } from "#start-worker";
import { GraftError } from "@graft/error";
import { fromFault } from "@graft/runtime";
import type { PageTraining, TrainAnswer, TrainRequest } from "./train-messages.ts";

/** How a training is followed and stopped. */
export interface TrainPageOptions extends PageTraining {
  readonly signal?: AbortSignal;
  readonly progress?: (step: number, steps: number, loss: number) => void;
}

/**
 * Trains an adapter that classifies texts, on a base at an address, in a worker of the page: nothing of it leaves the page. Gives the
 * adapter's bytes, which `add` of a model takes. Codes of training; CANCELLED.
 */
export function train(base: string | URL, options: TrainPageOptions): Promise<Uint8Array> {
  const { signal, progress, ...rest } = options;
  const worker = startTraining();
  const request: TrainRequest = { base: new URL(base, document.baseURI).href, options: rest };
  return new Promise<Uint8Array>((resolve, reject) => {
    signal?.addEventListener("abort", () => reject(new GraftError("CANCELLED", "The training was cancelled")));
    worker.addEventListener("error", (event) =>
      reject(
        new GraftError("INTERNAL", `Cannot go on with the training: its worker failed: ${event.message || "its script did not load"}`),
      ),
    );
    worker.addEventListener("message", ({ data }: MessageEvent<TrainAnswer>) => {
      if (data.kind === "step") progress?.(data.step, data.steps, data.loss);
      else if (data.kind === "trained") resolve(data.bytes);
      else reject(fromFault(data.fault));
    });
    worker.postMessage(request, []);
  }).finally(() => worker.terminate());
}
