import { createHash } from "node:crypto";
import { parentPort } from "node:worker_threads";
import { shapeBytes, transposedBytes } from "./identity/orientation.ts";
import type { WorkerResult, WorkerTask } from "./identity/second-thread-node.ts";

parentPort?.on("message", ({ id, values, claim, rows, columns }: WorkerTask) => {
  let result: WorkerResult = { id };
  if (Atomics.compareExchange(claim, 0, 0, 1) === 0) {
    const hash = createHash("sha256").update(shapeBytes({ rows: columns, columns: rows }));
    for (const bytes of transposedBytes(new Float32Array(values, 0, rows * columns), { rows, columns })) hash.update(bytes);
    result = { id, digest: new Uint8Array(hash.digest()) };
  }
  parentPort?.postMessage(result, []);
});
