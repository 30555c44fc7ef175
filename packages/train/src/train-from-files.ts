import { availableParallelism, totalmem } from "node:os";
import { resolve } from "node:path";
import type { Base, Config } from "@graft/architectures";
import { identifyBase, openBase, referToFiles } from "@graft/architectures/node";
import { GraftError } from "@graft/error";
import type { MethodOptions } from "@graft/methods";
import type { Device } from "@graft/runtime";
import { loadTokenizer, openSession } from "@graft/runtime/node";
import { type CheckpointFolder, openCheckpointFolder } from "./checkpoints/checkpoint-folder.ts";
import type { CheckpointInterval } from "./checkpoints/snapshot.ts";
import type { Columns } from "./data/columns.ts";
import { readDataFile } from "./data/data-file.ts";
import { type DataSource, readRows } from "./data/read-rows.ts";
import { spillingStore } from "./data/spilling-store.ts";
import type { Example, ExampleStore } from "./examples.ts";
import type { TrainEvent } from "./events.ts";
import type { Hyperparameters, TrainOptions } from "./options.ts";
import { randomBase } from "./random-base.ts";
import type { TaskName, TaskOptions } from "./tasks.ts";
import { train } from "./train.ts";
import { writeResult } from "./write-result.ts";

/** A base that does not exist yet: its weights are drawn at random, as `transformers` does. */
export interface RandomBase {
  /** What config.json says. */
  readonly config: Config;
  /** Path of tokenizer.json; tokenizer_config.json lies beside it. */
  readonly tokenizerFile: string;
}

/** Training between files. */
export interface TrainFileOptions extends Hyperparameters, Pick<TrainOptions, "metrics" | "skipBadRows" | "samples" | "rateAt"> {
  /** A checkpoint folder, an ONNX file, an opened base, or one to begin from random weights. */
  readonly base: string | Base | RandomBase;
  readonly task: TaskName;
  readonly method: MethodOptions;
  /** Files of rows (JSONL, CSV, TSV, or a text a line), or the rows. */
  readonly data: DataSource;
  readonly evaluation?: DataSource;
  /** Names of the columns, where they are not called what they are for. */
  readonly columns?: Columns;
  /** What stands between the labels of a row that may have several. */
  readonly labelSeparator?: string;
  /** What the task asks beside its rows: labels and their order, thresholds, and their kind. */
  readonly taskOptions?: TaskOptions;
  /** Bytes of encoded rows that are kept in memory, beyond which they go to a temporary file; MEMORY_BYTES by default. */
  readonly memoryBytes?: number;
  /** Where the adapter's file, or the checkpoint's folder, goes. Nothing is written without it. */
  readonly output?: string;
  /** Element type of a checkpoint's file; F32 by default. */
  readonly dtype?: "F32" | "F16";
  /** Folder for checkpoints of the run. */
  readonly checkpoint?: string;
  /** When checkpoints are written: each epoch and every five minutes by default. */
  readonly checkpointEvery?: CheckpointInterval;
  /** Newest checkpoints that are kept; 2 by default. */
  readonly keepCheckpoints?: number;
  /** Folder of checkpoints to go on from, bit for bit, and to keep further ones in. */
  readonly resume?: string;
  /** All cores by default; those of the run that is gone on with. */
  readonly threads?: number;
  readonly device?: Device;
  /** Tells after the first step where each operator ran, and how long it took. */
  readonly profile?: boolean;
  readonly signal?: AbortSignal;
}

/** Trains from files to a file; the output is there whole or not at all. Codes as `train`, and those of opening and writing files. */
export async function* trainFromFiles(options: TrainFileOptions): AsyncGenerator<TrainEvent, void, undefined> {
  const base = await resolveBase(options);
  const { tokenizerFile, vocabSize } = base;
  const loaded = tokenizerFile === undefined ? undefined : await loadTokenizer(tokenizerFile, vocabSize === undefined ? {} : { vocabSize });
  const rows = await readRows(options);
  const { data: _, taskOptions, memoryBytes, ...rest } = options;
  const stores: { close(): void }[] = [];
  const openStore = <E extends Example>(): ExampleStore<E> => {
    const store = spillingStore<E>(memoryBytes === undefined ? {} : { memoryBytes });
    stores.push(store);
    return store;
  };
  const checkpoints = await openCheckpoints(options);
  try {
    for await (const event of train({
      ...rest,
      data: rows.data,
      task: { ...taskOptions, ...rows.task },
      base,
      ...(loaded === undefined ? {} : { tokenizer: loaded.tokenizer }),
      readFile: readDataFile,
      openStore,
      identify: identifyBase,
      openSession,
      memory: totalmem(),
      ...(checkpoints === undefined ? {} : { checkpoints }),
      threads: options.threads ?? (await threadsOf(checkpoints)) ?? availableParallelism(),
    })) {
      if (event.type === "end" && options.output !== undefined)
        await writeResult(event.result, { base, output: options.output, dtype: options.dtype });
      yield event;
    }
  } finally {
    for (const store of stores) store.close();
    await checkpoints?.release();
  }
}

async function openCheckpoints(options: TrainFileOptions): Promise<CheckpointFolder | undefined> {
  const { checkpoint, resume, checkpointEvery: every, keepCheckpoints: keep } = options;
  if (checkpoint !== undefined && resume !== undefined && resolve(checkpoint) !== resolve(resume))
    throw new GraftError("USAGE", `Cannot go on from "${resume}" and keep checkpoints in "${checkpoint}": a run has one folder`, {
      hint: "Give the folder to go on from alone",
    });
  const folder = resume ?? checkpoint;
  return folder === undefined ? undefined : openCheckpointFolder({ folder, resume: resume !== undefined, every, keep });
}

/** As many threads as before: sums in another order are other bits. */
async function threadsOf(checkpoints: CheckpointFolder | undefined): Promise<number | undefined> {
  const hardware = (await checkpoints?.load())?.snapshot.identity["hardware"];
  const threads = typeof hardware === "object" && hardware !== null && "threads" in hardware ? hardware["threads"] : undefined;
  return typeof threads === "number" ? threads : undefined;
}

async function resolveBase({ base, seed = 42 }: TrainFileOptions): Promise<Base> {
  if (typeof base === "string") {
    const opened = await openBase(base);
    return { ...opened, model: await referToFiles(opened) };
  }
  return "model" in base ? base : { ...randomBase(base.config, { seed }), tokenizerFile: base.tokenizerFile };
}
