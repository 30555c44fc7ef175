import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileError } from "@graft/files";
import { startServer, type RunningServer } from "@graft/server";
import { findAndPull } from "./find-and-pull.ts";
import { evaluateModels } from "./evaluate-models.ts";
import { openTinyEnglish } from "./open-tiny-english.ts";
import { publishAdapter } from "./publish-adapter.ts";
import { heading, line, sayWhatNext } from "./say.ts";
import { trainAdapters } from "./train-adapters.ts";

/** What every step of the run is given. */
export interface Run {
  /** Folder of this run alone. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** The main job end to end, each step printed as it happens. The run's folder goes away unless all of it worked. */
export async function quickstart({ output, signal }: { output: string; signal: AbortSignal }): Promise<void> {
  const run: Run = { folder: await makeRunFolder(output), signal };
  let server: RunningServer | undefined;
  let steps = 0;
  const step = async <T>(title: string, work: () => T | Promise<T>): Promise<T> => {
    heading(++steps, title);
    const result = await work();
    signal.throwIfAborted();
    return result;
  };
  try {
    const tiny = await step("The base that comes with Graft", openTinyEnglish);
    const registry = await step("A registry on this machine", async () => (server = await startRegistry(run)));
    const trained = await step("Train a rank-8 LoRA classifier on the gloss topics", () => trainAdapters(run));
    await step("Publish", () => publishAdapter(run, { server: registry, tiny, trained }));
    const pulled = await step("Another client finds what fits the file it holds", () => findAndPull(run, { server: registry, tiny }));
    await step("Merge and evaluate on held-out rows", () => evaluateModels(run, { tiny, trained, pulled }));
    await step("What to try next", () => sayWhatNext(run.folder));
  } catch (cause) {
    await server?.close();
    await rm(run.folder, { recursive: true, force: true });
    throw signal.aborted ? signal.reason : cause;
  }
  await server?.close();
}

async function startRegistry({ folder }: Run): Promise<RunningServer> {
  const data = join(folder, "registry");
  const server = await startServer({ data, port: 0, logLevel: "silent" });
  line(`${server.url}, SQLite and files in ${data}`);
  return server;
}

/** A folder that no other run has, also when two start at once. */
async function makeRunFolder(output: string): Promise<string> {
  try {
    await mkdir(resolve(output), { recursive: true });
    return await mkdtemp(join(resolve(output), "run-"));
  } catch (cause) {
    throw fileError(cause, `write into "${output}"`);
  }
}
