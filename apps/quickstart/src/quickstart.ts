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
  try {
    heading(1, "The base that comes with Graft");
    const tiny = await openTinyEnglish();
    heading(2, "A registry on this machine");
    server = await startServer({ data: join(run.folder, "registry"), port: 0, logLevel: "silent" });
    line(`${server.url}, SQLite and files in ${join(run.folder, "registry")}`);
    heading(3, "Train a rank-8 LoRA classifier on the gloss topics");
    const trained = await trainAdapters(run);
    heading(4, "Publish");
    await publishAdapter(run, { server, tiny, trained });
    heading(5, "Another client finds what fits the file it holds");
    const pulled = await findAndPull(run, { server, tiny });
    heading(6, "Merge and evaluate on held-out rows");
    await evaluateModels(run, { tiny, trained, pulled });
    heading(7, "What to try next");
    sayWhatNext(run.folder);
  } catch (cause) {
    await server?.close();
    await rm(run.folder, { recursive: true, force: true });
    throw signal.aborted ? signal.reason : cause;
  }
  await server.close();
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
