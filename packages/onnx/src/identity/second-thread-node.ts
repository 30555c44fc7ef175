import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { SecondThread } from "./second-thread.ts";

/** What the worker is sent; the first to set `claim[0]` from 0 to 1 does the task. */
export interface WorkerTask {
  readonly id: number;
  readonly values: SharedArrayBuffer;
  readonly claim: Int32Array;
  readonly rows: number;
  readonly columns: number;
}

/** What it sends back; no digest for a task that was taken back. */
export interface WorkerResult {
  readonly id: number;
  readonly digest?: Uint8Array;
}

interface Waiting {
  resolve(digest: Uint8Array): void;
  reject(cause: Error): void;
}

/** Starts a worker thread; undefined where there is one processor only. */
export function startSecondThread(): SecondThread | undefined {
  if (availableParallelism() < 2) return undefined;
  const source = import.meta.url.endsWith(".ts");
  const inherited = process.execArgv.filter((argument) => !argument.startsWith("--input-type"));
  const worker = new Worker(new URL(source ? "../worker.ts" : "../worker.js", import.meta.url), {
    execArgv: source ? [...inherited, "--conditions=@graft/source"] : inherited,
  });
  worker.unref();
  const waiting = new Map<number, Waiting>();
  let failure: Error | undefined;
  const fail = (cause: Error): void => {
    failure = cause;
    for (const { reject } of waiting.values()) reject(cause);
    waiting.clear();
  };
  worker.on("error", fail);
  worker.on("exit", () => fail(new Error("The hashing thread ended")));
  worker.on("message", ({ id, digest }: WorkerResult) => {
    if (digest !== undefined) waiting.get(id)?.resolve(digest);
    waiting.delete(id);
  });
  let count = 0;
  return {
    submit(values, shape) {
      const id = count++;
      const claim = new Int32Array(new SharedArrayBuffer(4));
      const result = new Promise<Uint8Array>((resolve, reject) => {
        if (failure === undefined) waiting.set(id, { resolve, reject });
        else reject(failure);
      });
      // A rejection is looked at when the result is; until then it is no unhandled one.
      result.catch(() => {});
      worker.postMessage({ id, values, claim, ...shape } satisfies WorkerTask, []);
      return { result, waits: () => Atomics.load(claim, 0) === 0, take: () => Atomics.compareExchange(claim, 0, 0, 1) === 0 };
    },
    close() {
      void worker.terminate();
    },
  };
}
