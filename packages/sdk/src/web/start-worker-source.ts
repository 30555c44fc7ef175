/** The same from source, for pages that read it without a build. */
export function startWorker(): Worker {
  return new Worker(new URL("./load-worker.ts", import.meta.url), { type: "module", name: "graft model" });
}

/** The thread of a training, from source. */
export function startTraining(): Worker {
  return new Worker(new URL("./train-worker.ts", import.meta.url), { type: "module", name: "graft training" });
}
