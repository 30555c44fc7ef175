import { load, type LoadOptions, type PageModel } from "@graft/sdk/web";

/** What a test asks of the page: a base, how it is loaded, and what is run with which adapters. */
export interface PageTask {
  readonly base: string;
  readonly options: Omit<LoadOptions, "signal" | "progress">;
  readonly rows: readonly string[];
  readonly adapters: readonly string[];
  /** An adapter, or none, for each row of one run. */
  readonly mixed?: readonly (string | null)[];
  /** Bytes of a download after which loading is given up. */
  readonly abortAfter?: number;
}

/** What the page found. */
export interface PageOutcome {
  readonly mode: string;
  readonly fits: readonly string[];
  /** Logits by adapter, then by row. */
  readonly logits: Readonly<Record<string, number[][]>>;
  /** Logits of the run whose rows have adapters of their own. */
  readonly mixed: readonly number[][];
  /** Files that were fetched. */
  readonly fetched: readonly string[];
  /** Times that the page's own thread came to run something while the model was loaded. */
  readonly ticks: number;
  readonly isolated: boolean;
}

/** A page as an app is: it loads, runs and switches. */
async function loadPage(task: PageTask): Promise<PageOutcome> {
  const fetched = new Set<string>();
  const stop = new AbortController();
  let ticks = 0;
  const clock = setInterval(() => (ticks += 1), 1);
  let model: PageModel;
  try {
    model = await load(task.base, {
      ...task.options,
      signal: stop.signal,
      progress: (name, done) => {
        fetched.add(name);
        if (task.abortAfter !== undefined && done > task.abortAfter) stop.abort();
      },
    });
  } finally {
    clearInterval(clock);
  }
  await using own = model;
  const logits: Record<string, number[][]> = {};
  for (const name of task.adapters) {
    own.switch(name);
    logits[name] = (await own.run(task.rows)).map((one) => [...one.logits]);
  }
  const mixed = task.mixed === undefined ? [] : await own.run(task.rows, { adapters: task.mixed });
  return {
    mixed: mixed.map((one) => [...one.logits]),
    mode: own.mode,
    fits: own.adapters.map(({ fit }) => fit),
    logits,
    fetched: [...fetched],
    ticks,
    isolated: globalThis.crossOriginIsolated,
  };
}

/** The outcome, or the code and message of what went wrong. */
async function tryPage(task: PageTask): Promise<PageOutcome | { code: string; message: string }> {
  return loadPage(task).catch((error: Error & { code?: string }) => ({ code: error.code ?? error.name, message: error.message }));
}

/** Files that the site keeps, by name, with their sizes. */
async function kept(): Promise<Record<string, number>> {
  const folder = await (await (await navigator.storage.getDirectory()).getDirectoryHandle("graft")).getDirectoryHandle("files");
  const sizes: Record<string, number> = {};
  for await (const name of (folder as unknown as { keys(): AsyncIterable<string> }).keys())
    sizes[name] = (await (await folder.getFileHandle(name)).getFile()).size;
  return sizes;
}

/** Changes a byte in the middle of a kept file. */
async function damage(name: string): Promise<void> {
  const folder = await (await (await navigator.storage.getDirectory()).getDirectoryHandle("graft")).getDirectoryHandle("files");
  const handle = await folder.getFileHandle(name);
  const { size } = await handle.getFile();
  const writable = await handle.createWritable({ keepExistingData: true });
  await writable.write({ type: "write", position: size >> 1, data: new Uint8Array([1, 2, 3, 4]) });
  await writable.close();
}

Object.assign(globalThis, { tryPage, kept, damage });
