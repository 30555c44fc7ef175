import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { GraftError, isGraftError } from "@graft/error";
import { fileError, holdFolder, writeFileWhole } from "@graft/files";
import { fileSource } from "@graft/safetensors/node";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint-file.ts";
import { CHECKPOINT_INTERVAL } from "./interval.ts";
import type { CheckpointInterval, Checkpoints, Restored } from "./snapshot.ts";

/** Where a run keeps its checkpoints: `step-00000120.safetensors` and so on, the newest few. */
export interface CheckpointFolderOptions {
  readonly folder: string;
  /** Goes on from the newest checkpoint in the folder; a folder that has some is refused otherwise. */
  readonly resume: boolean;
  readonly every?: CheckpointInterval | undefined;
  /** Newest ones that are kept; 2 by default. */
  readonly keep?: number | undefined;
}

/** Checkpoints in a folder that is this process's own until it is released. */
export interface CheckpointFolder extends Checkpoints {
  release(): Promise<void>;
}

const KEPT = 2;
const NAME = /^step-(\d+)\.safetensors$/;
/** What a process that was killed in the middle of writing has left. */
const LEFTOVER = /^\.step-\d+\.safetensors\..*\.tmp$/;

/** Takes a folder for a run's checkpoints. IN_USE, FILE_NOT_FOUND (to go on from), NOT_WRITABLE, CHECKPOINT_INVALID. */
export async function openCheckpointFolder(options: CheckpointFolderOptions): Promise<CheckpointFolder> {
  const { folder, resume, every = CHECKPOINT_INTERVAL, keep = KEPT } = options;
  if (!Number.isSafeInteger(keep) || keep < 1)
    throw new GraftError("USAGE", `Cannot keep ${keep} checkpoints: want a whole number of at least 1`);
  if (resume) await checkThere(folder);
  const { release } = await holdFolder(folder);
  try {
    const restored = await begin(options);
    return {
      every,
      release,
      load: async () => restored,
      save: async (snapshot) => {
        const place = join(folder, `step-${String(snapshot.step).padStart(8, "0")}.safetensors`);
        await writeFileWhole(place, await encodeCheckpoint(snapshot));
        for (const { path } of (await checkpointsIn(folder)).slice(keep)) await rm(path, { force: true });
        return place;
      },
    };
  } catch (cause) {
    await release();
    throw cause;
  }
}

async function checkThere(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  throw new GraftError(
    "FILE_NOT_FOUND",
    `Cannot go on from "${folder}": ${found === undefined ? "it does not exist" : "it is no folder of checkpoints"}`,
    { hint: "Give the folder that --checkpoint named" },
  );
}

/** The newest checkpoint, where the run is to go on; what a killed process has left is swept away. */
async function begin({ folder, resume }: CheckpointFolderOptions): Promise<Restored | undefined> {
  for (const name of await readdir(folder)) if (LEFTOVER.test(name)) await rm(join(folder, name), { force: true });
  const [newest, before] = await checkpointsIn(folder);
  if (!resume) {
    if (newest === undefined) return undefined;
    throw new GraftError("NOT_WRITABLE", `Cannot begin a run in "${folder}": it has checkpoints up to step ${newest.step}`, {
      hint: `Go on from them with --resume "${folder}", or choose another folder`,
    });
  }
  if (newest === undefined) return undefined;
  try {
    return { snapshot: await decodeCheckpoint(await fileSource(newest.path), newest.path), place: newest.path };
  } catch (cause) {
    if (!isGraftError(cause)) throw fileError(cause, `read "${newest.path}"`);
    const hint = before === undefined ? "Begin the run anew in another folder" : `Delete the file, to go on from step ${before.step}`;
    throw new GraftError(cause.code, cause.message, { cause, hint });
  }
}

/** Newest first. */
async function checkpointsIn(folder: string): Promise<{ path: string; step: number }[]> {
  const found = (await readdir(folder)).flatMap((name) => {
    const step = NAME.exec(name)?.[1];
    return step === undefined ? [] : [{ path: join(folder, name), step: Number(step) }];
  });
  return found.sort((left, right) => right.step - left.step);
}
