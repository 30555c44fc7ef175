import { Worker } from "node:worker_threads";
import { GraftError } from "@graft/error";
import { openDirect } from "./direct-session.ts";
import { forgetGate, openGate } from "./exit-gate.ts";
import { type Answer, compact, fromFault, movable, type Request } from "./messages.ts";
import type { RunOptions, OperatorTime, Session, SessionOptions } from "./session.ts";
import type { Feeds } from "./tensor-value.ts";
import { physicalParallelism } from "./threads.ts";

type Ask = Request extends infer Each ? (Each extends Request ? Omit<Each, "id"> : never) : never;

/**
 * Opens a session in a worker thread, so that the caller's event loop stays free: `run` of ONNX Runtime blocks its own. With
 * `worker: false` it is opened in the caller's thread. ONNX_INVALID, DEVICE_UNAVAILABLE. A process that ends does not wait for the session.
 */
export async function openSession(model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
  keepSilent();
  if (options.worker === false) {
    const { loadNative } = await import("./onnxruntime.ts");
    return openDirect({ load: loadNative, memory: peakMemory }, model, { threads: physicalParallelism(), ...options });
  }
  const source = import.meta.url.endsWith(".ts");
  const gate = openGate();
  const worker = new Worker(new URL(source ? "./worker.ts" : "./worker.js", import.meta.url), {
    name: "graft session",
    workerData: gate,
    // Without the option a worker inherits the process's arguments, but not those of `--input-type`, which it cannot have.
    ...(source
      ? { execArgv: ["--conditions=@graft/source"] }
      : process.execArgv.some((argument) => argument.startsWith("--input-type"))
        ? { execArgv: [] }
        : {}),
  });
  worker.on("exit", () => forgetGate(gate));
  return new WorkerSession(worker).open(model, options);
}

/**
 * ONNX Runtime reports its sessions to its maker unless it was told not to before it is loaded, and leaves an identifier and logs behind.
 * Who wants that sets ORT_DISABLE_TELEMETRY to 0.
 */
function keepSilent(): void {
  process.env["ORT_DISABLE_TELEMETRY"] ??= "1";
}

function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}

class WorkerSession implements Session {
  inputNames: readonly string[] = [];
  outputNames: readonly string[] = [];
  device: Session["device"] = "cpu";
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: unknown) => void }>();
  #ended: GraftError | undefined;
  #closing: Promise<void> | undefined;
  #next = 0;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (answer: Answer) => this.#settle(answer));
    worker.on("error", (cause) => this.#end(threadFault(cause)));
    worker.on("exit", () => this.#end(new GraftError("CANCELLED", "Cannot use the session: it is closed")));
  }

  async open(model: Uint8Array, options: SessionOptions): Promise<Session> {
    const state = compact(options.state ?? {});
    const given = options.givesState === true ? movable(state) : [];
    // A copy that is moved: the model may be a view into a larger buffer, and stays the caller's.
    const own = model.slice();
    const { loaded } = await this.#ask({ kind: "open", model: own, options: { threads: physicalParallelism(), ...options, state } }, [
      own.buffer,
      ...given,
    ]);
    this.inputNames = loaded?.inputs ?? [];
    this.outputNames = loaded?.outputs ?? [];
    this.device = loaded?.device ?? "cpu";
    return this;
  }

  async run(feeds: Feeds, options: RunOptions = {}): Promise<Feeds> {
    return (await this.#ask({ kind: "run", feeds: compact(feeds), options })).values ?? {};
  }

  async state(names?: readonly string[]): Promise<Feeds> {
    return (await this.#ask({ kind: "state", names })).values ?? {};
  }

  async setState(state: Feeds): Promise<void> {
    await this.#ask({ kind: "setState", state: compact(state) });
  }

  async operatorTimes(): Promise<readonly OperatorTime[]> {
    return (await this.#ask({ kind: "operatorTimes" })).times ?? [];
  }

  async peakMemory(): Promise<number> {
    return peakMemory();
  }

  close(): Promise<void> {
    this.#closing ??= this.#shut();
    return this.#closing;
  }

  async #shut(): Promise<void> {
    if (this.#ended !== undefined) return;
    const busy = [...this.#waiting.values()];
    const released = this.#ask({ kind: "close" }).then(
      () => undefined,
      () => undefined,
    );
    for (const { reject } of busy) reject(new GraftError("CANCELLED", "Cannot finish the run: the session was closed"));
    await released;
    await this.#worker.terminate();
  }

  #ask(request: Ask, moved: ArrayBuffer[] = []): Promise<Answer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (this.#closing !== undefined && request.kind !== "close")
      return Promise.reject(new GraftError("CANCELLED", "Cannot use the session: it is closed"));
    this.#next += 1;
    const id = this.#next;
    const answer = this.#wait(id);
    this.#worker.postMessage({ id, ...request }, moved);
    return answer;
  }

  /** While something is awaited the thread keeps the process alive; when nothing is, it does not. */
  #wait(id: number): Promise<Answer> {
    this.#worker.ref();
    return new Promise<Answer>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (answer.fault === undefined) waiting?.resolve(answer);
    else waiting?.reject(fromFault(answer.fault));
  }

  #end(error: GraftError): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** A thread that cannot even load its runtime is a matter of the installation. */
function threadFault(cause: Error & { code?: string }): GraftError {
  if (cause.code === "ERR_MODULE_NOT_FOUND" || cause.code === "ERR_DLOPEN_FAILED") {
    return new GraftError("DEVICE_UNAVAILABLE", `Cannot load ONNX Runtime: ${cause.message}`, {
      cause,
      hint: "Install onnxruntime-node 1.30.0; it has no build for macOS on Intel or for musl",
    });
  }
  return new GraftError("INTERNAL", `Cannot go on with the session: its thread failed: ${cause.message}`, { cause });
}
