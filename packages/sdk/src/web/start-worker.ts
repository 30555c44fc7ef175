/** Starts the thread of a model. Bundlers find the file by these very words, so the name of what was built stands in them. */
export function startWorker(): Worker {
  return new Worker(new URL("./load-worker.js", import.meta.url), { type: "module", name: "graft model" });
}

/** Starts the thread of a training. */
export function startTraining(): Worker {
  return new Worker(new URL("./train-worker.js", import.meta.url), { type: "module", name: "graft training" });
}
