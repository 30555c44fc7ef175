import { Worker } from "node:worker_threads";
import { GraftError, isGraftError, type ErrorCode } from "@graft/error";
import type { SearchPage } from "../metadata/search-store.ts";
import type { SearchQuestion } from "../sql/search/search-question.ts";

/** Searches that wait at most: more than a thread answers in a few seconds. */
const WAITING = 500;

/** What goes to the thread. */
export interface ThreadQuestion {
  readonly id: number;
  readonly question: SearchQuestion;
}

/** What comes back: a page, or what went wrong. */
export interface ThreadAnswer {
  readonly id: number;
  readonly page?: SearchPage;
  readonly fault?: { readonly code: ErrorCode; readonly message: string; readonly hint?: string | undefined };
}

interface Waiting {
  resolve(page: SearchPage): void;
  reject(cause: unknown): void;
}

/** A thread that reads one database file and answers searches, one after another. It starts with the first one. */
export class SearchThread {
  readonly #path: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #last = 0;
  constructor(path: string) {
    this.#path = path;
  }
  async ask(question: SearchQuestion): Promise<SearchPage> {
    if (this.#waiting.size >= WAITING) {
      throw new GraftError("UNAVAILABLE", `Cannot search: ${WAITING} searches wait already`, { hint: "Try again later" });
    }
    const worker = (this.#worker ??= this.#start());
    const id = ++this.#last;
    return await new Promise<SearchPage>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      // The process stays for as long as somebody waits.
      worker.ref();
      worker.postMessage({ id, question } satisfies ThreadQuestion, []);
    });
  }
  async close(): Promise<void> {
    await this.#worker?.terminate();
  }
  #start(): Worker {
    const source = import.meta.url.endsWith(".ts");
    const worker = new Worker(new URL(source ? "./search-worker.ts" : "./search-worker.js", import.meta.url), {
      name: "graft search",
      workerData: this.#path,
      ...(source ? { execArgv: ["--conditions=@graft/source"] } : {}),
    });
    worker.on("message", (answer: ThreadAnswer) => this.#settle(answer));
    const end = (cause: unknown): void => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const { reject } of this.#waiting.values()) reject(cause);
      this.#waiting.clear();
    };
    worker.on("error", end);
    worker.on("exit", () => end(new GraftError("UNAVAILABLE", "Cannot search: the store is closed")));
    worker.unref();
    return worker;
  }
  #settle({ id, page, fault }: ThreadAnswer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#worker?.unref();
    if (page !== undefined) waiting?.resolve(page);
    else if (fault !== undefined)
      waiting?.reject(new GraftError(fault.code, fault.message, fault.hint === undefined ? {} : { hint: fault.hint }));
  }
}

/** An error as it goes between threads. */
export function faultOf(cause: unknown): NonNullable<ThreadAnswer["fault"]> {
  if (isGraftError(cause)) return { code: cause.code, message: cause.message, hint: cause.hint };
  return { code: "INTERNAL", message: cause instanceof Error ? cause.message : String(cause) };
}
