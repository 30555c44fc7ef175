import { createReadStream } from "node:fs";
import { extname } from "node:path";
import { createHasher, type Digest, formatDigest } from "@graft/digest";
import { GraftError } from "@graft/error";
import { taskNamed, type TaskName, type TaskRows } from "../tasks.ts";
import { type CausalPrompt, causalPrompt } from "../tasks/causal-rows.ts";
import type { ModelInput } from "../tasks/examiner.ts";
import type { Columns, DataRecord, ReadContext } from "./columns.ts";
import { dataFile } from "./data-file.ts";
import { locateFiles, type Split } from "./locate-files.ts";
import { readGlue } from "./read-glue.ts";
import { ROW_READERS } from "./readers.ts";
import type { DataFile, RecordReader } from "./record.ts";
import type { PlacedRow, RowStream } from "./rows.ts";

/** Where rows come from: a file, several files, or rows that are there already. */
export type DataSource = string | { readonly files: readonly string[] } | readonly unknown[];

/** Which rows to read for which task. */
export interface RowSource {
  readonly task: TaskName;
  readonly data: DataSource;
  readonly evaluation?: DataSource | undefined;
  readonly columns?: Columns | undefined;
  /** What stands between the labels of a row that may have several. */
  readonly labelSeparator?: string | undefined;
  /** Which split `data` means where it is a folder of GLUE; "train" by default. */
  readonly split?: Split | undefined;
}

/** The rows of a run, to be read from their files as they are needed, and the digests of those files. FILE_NOT_FOUND, USAGE. */
export async function readRows({
  task,
  data,
  evaluation,
  split = "train",
  ...rest
}: RowSource): Promise<{ task: TaskRows; data: DataDigests }> {
  const definition = taskNamed(task);
  const options: ParseOptions = {
    ...rest,
    split,
    readsLines: definition.readsLines === true,
    parse: (record, context) => definition.parse(record, context),
  };
  const own = await openSource(data, options);
  const held = evaluation === undefined ? undefined : await openSource(evaluation, { ...options, split: "held" });
  return {
    task: { type: task, rows: own.rows, ...(held === undefined ? {} : { evaluation: held.rows }) } as TaskRows,
    data: {
      ...(own.digest === undefined ? {} : { rows: own.digest }),
      ...(held?.digest === undefined ? {} : { evaluation: held.digest }),
    },
  };
}

/** The inputs of rows whose truth nobody needs to know, as a loaded model runs them. FILE_NOT_FOUND, USAGE. */
export async function readInputs({ task, data, split = "held", ...rest }: Omit<RowSource, "evaluation">): Promise<RowStream<ModelInput>> {
  const definition = taskNamed(task);
  const { rows } = await openSource(data, {
    ...rest,
    split,
    readsLines: true,
    parse: (record, context) => definition.input(record, context),
  });
  return rows as RowStream<ModelInput>;
}

/** What to go on from, row by row: prompts, texts, or the messages before the last answer. FILE_NOT_FOUND, USAGE. */
export async function readPrompts({ data, ...rest }: Pick<RowSource, "data" | "columns">): Promise<RowStream<CausalPrompt>> {
  const { rows } = await openSource(data, { ...rest, split: "held", readsLines: true, parse: causalPrompt });
  return rows as RowStream<CausalPrompt>;
}

/** How records become rows. */
interface ParseOptions extends Pick<RowSource, "columns" | "labelSeparator"> {
  readonly readsLines: boolean;
  readonly split: Split;
  readonly parse: (record: DataRecord, context: ReadContext) => unknown;
}

/** Digests of the bytes of the files, one after the other. */
export interface DataDigests {
  readonly rows?: Digest;
  readonly evaluation?: Digest;
}

type Opened = { readonly rows: RowStream<unknown> | readonly unknown[]; readonly digest?: Digest };

async function openSource(source: DataSource, options: ParseOptions): Promise<Opened> {
  if (Array.isArray(source)) return { rows: source };
  const paths = typeof source === "string" ? [source] : (source as { files: readonly string[] }).files;
  const located = (await Promise.all(paths.map((path) => locateFiles(path, options.split)))).flat();
  const files = await Promise.all(
    located.map(async ({ path, glue }) => ({
      file: await dataFile(path),
      read: glue === undefined ? readerOf(path, options.readsLines) : readGlue(glue),
    })),
  );
  return { rows: new FileRows(files, options), digest: await digestFiles(located.map(({ path }) => path)) };
}

/** Rows of files, one after the other, read anew each time they are asked for. */
class FileRows implements RowStream<unknown> {
  readonly name: string;
  readonly #files: readonly { readonly file: DataFile; readonly read: RecordReader }[];
  readonly #options: ParseOptions;

  constructor(files: readonly { readonly file: DataFile; readonly read: RecordReader }[], options: ParseOptions) {
    this.name = files.map(({ file }) => file.name).join(", ");
    this.#files = files;
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<PlacedRow<unknown>> {
    const { parse, columns = {}, labelSeparator } = this.#options;
    for (const { file, read } of this.#files) {
      for await (const placed of read(file)) {
        if ("fault" in placed) {
          yield placed;
          continue;
        }
        const { place, record } = placed;
        try {
          yield { place, row: parse(record, { columns, place, labelSeparator }) };
        } catch (cause) {
          if (!(cause instanceof GraftError)) throw cause;
          yield { place, fault: cause };
        }
      }
    }
  }
}

function readerOf(path: string, lines: boolean): RecordReader {
  const extension = extname(path).toLowerCase();
  const reader = ROW_READERS[extension] ?? (lines ? ROW_READERS[".txt"] : undefined);
  if (reader !== undefined && (lines || extension !== ".txt")) return reader;
  const known = Object.keys(ROW_READERS).filter((one) => one !== ".txt");
  throw new GraftError("USAGE", `Cannot read "${path}": rows with columns come from ${known.join(", ")} files`, {
    hint: "Give the file the extension of its format",
  });
}

async function digestFiles(paths: readonly string[]): Promise<Digest> {
  const hasher = await createHasher();
  for (const path of paths) for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) hasher.update(chunk);
  return formatDigest(hasher.digest());
}
