import { startWorker } from "#start-worker";
import { GraftError } from "@graft/error";
import type { LoadedAdapter, Prediction, Row, RunRowsOptions, TaskAnswers } from "@graft/loader";
import { fromFault } from "@graft/runtime";
import type { PageAnswer, PageRequest } from "./messages.ts";
import type { PageOptions } from "./page-options.ts";

/** What a page loads, and how that is followed and stopped. */
export interface LoadOptions extends PageOptions {
  readonly signal?: AbortSignal;
  /** Bytes so far of a file or an adapter, and of how many. */
  readonly progress?: (name: string, done: number, total: number) => void;
}

type Ask = PageRequest extends infer Each ? (Each extends PageRequest ? Omit<Each, "id"> : never) : never;

/**
 * Loads a base, the address of a checkpoint's folder, of an ONNX file or of a folder that `graft bundle` wrote, with adapters. All of it
 * happens in a worker, so that the page keeps answering. What is fetched is kept: the next load needs no network. Codes of `load` in Node.
 */
export async function load(base: string | URL, options: LoadOptions = {}): Promise<PageModel> {
  const { signal, progress, ...rest } = options;
  signal?.throwIfAborted();
  const absolute = (address: string): string => new URL(address, document.baseURI).href;
  const thread = new ModelThread(startWorker());
  const abort = (): void => thread.abort();
  signal?.addEventListener("abort", abort);
  try {
    const loaded = await thread.ask(
      {
        kind: "load",
        base: absolute(String(base)),
        options: {
          ...rest,
          ...(rest.tokenizer === undefined ? {} : { tokenizer: absolute(rest.tokenizer) }),
          ...(rest.registry === undefined ? {} : { registry: absolute(rest.registry) }),
          ...(rest.adapters === undefined ? {} : { adapters: rest.adapters.map((one) => adapterAddress(one, absolute)) }),
        },
      },
      "loaded",
      progress,
    );
    return new PageModel(thread, { ...loaded, absolute });
  } catch (cause) {
    thread.end();
    throw cause;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

function adapterAddress(adapter: string | Uint8Array, absolute: (address: string) => string): string | Uint8Array {
  return typeof adapter === "string" && !adapter.startsWith("@") ? absolute(adapter) : adapter;
}

/** A base with adapters in a worker of the page. */
export class PageModel {
  readonly mode: "merge" | "attach";
  readonly #thread: ModelThread;
  readonly #absolute: (address: string) => string;
  #adapters: readonly LoadedAdapter[];
  #current: string | undefined;

  constructor(
    thread: ModelThread,
    loaded: { mode: "merge" | "attach"; adapters: readonly LoadedAdapter[]; absolute: (address: string) => string },
  ) {
    this.mode = loaded.mode;
    this.#thread = thread;
    this.#absolute = loaded.absolute;
    this.#adapters = loaded.adapters;
    this.#current = loaded.adapters[0]?.name;
  }

  /** The adapters, in the order they came. */
  get adapters(): readonly LoadedAdapter[] {
    return this.#adapters;
  }

  /** Name of the adapter that runs use; the first one until `switch`; undefined for the base alone. */
  get current(): string | undefined {
    return this.#current;
  }

  /** Makes another of the model's adapters the current one, for runs that begin from now on; null stands for the base alone. */
  switch(name: string | null): void {
    if (name === null) {
      this.#current = undefined;
      return;
    }
    const found = this.#adapters.find(({ name: own, digest, manifest }) => [own, digest, `${own}@${manifest.version}`].includes(name));
    if (found === undefined) {
      const known = this.#adapters.map((one) => `"${one.name}"`).join(", ");
      throw new GraftError("USAGE", `Cannot use the adapter "${name}": the model has ${known || "none"}`, {
        hint: "Give it to load, or add it first",
      });
    }
    this.#current = found.name;
  }

  /** Runs rows of any length; the answers come in the order of the rows. With `task`, answers have that task's type, or USAGE says that they would not. */
  run<Task extends keyof TaskAnswers>(
    rows: readonly Row[],
    options: RunRowsOptions & { readonly task: Task },
  ): Promise<TaskAnswers[Task][]>;
  run(rows: readonly Row[], options?: RunRowsOptions): Promise<Prediction[]>;
  async run(rows: readonly Row[], options: RunRowsOptions = {}): Promise<Prediction[]> {
    // The worker does not know what was switched to since.
    const chosen = options.adapters === undefined ? { adapter: this.#current ?? null, ...options } : options;
    return [...(await this.#thread.ask({ kind: "run", rows, options: chosen }, "ran")).predictions];
  }

  /** Adds an adapter: a name, an address or bytes. */
  async add(adapter: string | Uint8Array): Promise<LoadedAdapter> {
    const { adapter: added } = await this.#thread.ask({ kind: "add", adapter: adapterAddress(adapter, this.#absolute) }, "added");
    this.#adapters = [...this.#adapters, added];
    if (this.#adapters.length === 1) this.#current = added.name;
    return added;
  }

  /** Ends the worker and frees its memory. */
  async close(): Promise<void> {
    await this.#thread.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** The worker of a model, and what it is asked. */
class ModelThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<
    number,
    { resolve: (answer: PageAnswer) => void; reject: (error: unknown) => void; progress: LoadOptions["progress"] | undefined }
  >();
  #next = 0;
  #ended: GraftError | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.addEventListener("message", ({ data }: MessageEvent<PageAnswer>) => this.#settle(data));
    worker.addEventListener("error", (event) =>
      this.#fail(
        new GraftError("INTERNAL", `Cannot go on with the model: its worker failed: ${event.message || "its script did not load"}`, {
          hint: "Exclude @graft/sdk and onnxruntime-web from what the bundler optimises, as @graft/vite does",
        }),
      ),
    );
  }

  ask<Kind extends PageAnswer["kind"]>(
    request: Ask,
    kind: Kind,
    progress?: LoadOptions["progress"],
  ): Promise<Extract<PageAnswer, { kind: Kind }>> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    this.#next += 1;
    const id = this.#next;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, {
        resolve: (answer) =>
          answer.kind === kind ? resolve(answer as Extract<PageAnswer, { kind: Kind }>) : reject(new TypeError(answer.kind)),
        reject,
        progress,
      });
      this.#worker.postMessage({ id, ...request }, []);
    });
  }

  abort(): void {
    this.#worker.postMessage({ id: 0, kind: "abort" } satisfies PageRequest, []);
  }

  async close(): Promise<void> {
    if (this.#ended !== undefined) return;
    await this.ask({ kind: "close" }, "closed").catch(() => undefined);
    this.end();
  }

  end(): void {
    this.#worker.terminate();
    this.#fail(new GraftError("CANCELLED", "Cannot use the model: it is closed"));
  }

  #settle(answer: PageAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if (answer.kind === "progress") {
      waiting?.progress?.(answer.name, answer.done, answer.total);
      return;
    }
    this.#waiting.delete(answer.id);
    if (answer.kind === "failed") waiting?.reject(fromFault(answer.fault));
    else waiting?.resolve(answer);
  }

  #fail(error: GraftError): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
