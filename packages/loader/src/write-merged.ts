import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Base } from "@graft/architectures";
import { GraftError } from "@graft/error";
import { writeFilesWhole, writeFolderWhole } from "@graft/files";
import type { Merged } from "@graft/methods";
import { openModelFile } from "@graft/onnx/node";
import { writeMergedFiles } from "./merged-files.ts";
import type { WriteModel, WrittenFile, WrittenModel } from "./written-model.ts";

/** What is written, and whether it may replace what is there; `check` runs on the finished files before they appear. */
interface WriteMergedOptions {
  readonly merged: Merged;
  readonly digest: string;
  readonly overwrite?: boolean;
  readonly check: (path: string) => Promise<void>;
}

const GRAPH = "model.onnx";

/** A path that ends in .onnx is that file with its weights beside it, any other a folder. */
export const writeModel: WriteModel = (base, path, { check, ...options }) => {
  const write = path.toLowerCase().endsWith(".onnx") ? writeMergedFile : writeMergedFolder;
  return write(base, path, {
    ...options,
    check: async (graph) => {
      const { model, folder } = await openModelFile(graph);
      await check(model, folder);
    },
  });
};

/**
 * Writes a merged model as a folder that is there whole or not at all: `model.onnx`, the new weights in `merged.safetensors`,
 * the base's weight files linked beside them, and its tokenizer. NOT_WRITABLE, DISK_FULL.
 */
async function writeMergedFolder(base: Base, folder: string, options: WriteMergedOptions): Promise<WrittenModel> {
  const { merged, digest, overwrite = false, check } = options;
  const files: WrittenFile[] = [];
  await writeFolderWhole(
    folder,
    async (temporary) => {
      const names = { graph: GRAPH, side: "merged.safetensors" };
      files.push(...(await writeMergedFiles(base, { merged, digest, folder: temporary, names })));
      for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
        const bytes =
          base.tokenizerFile === undefined ? undefined : await readFile(join(dirname(base.tokenizerFile), name)).catch(() => undefined);
        if (bytes === undefined) continue;
        await writeFile(join(temporary, name), bytes);
        files.push({ name, bytes: bytes.length, how: "written" });
      }
      await check(join(temporary, GRAPH));
    },
    { overwrite },
  );
  return { path: join(folder, GRAPH), files, rounded: merged.rounded };
}

/**
 * Writes a merged model as `out.onnx`, the new weights in `out.merged.safetensors`, and the base's weight files linked beside them
 * under names that nothing else has. The graph appears last. NOT_WRITABLE unless `overwrite` when `out.onnx` or its side file is there.
 */
async function writeMergedFile(base: Base, path: string, options: WriteMergedOptions): Promise<WrittenModel> {
  const { merged, digest, overwrite = false, check } = options;
  const target = resolve(path);
  const folder = dirname(target);
  const graph = basename(target);
  const names = { graph, side: graph.replace(/(\.onnx)?$/i, ".merged.safetensors") };
  for (const name of Object.values(names)) await refuseExisting(join(folder, name), { base, overwrite });
  const files: WrittenFile[] = [];
  await writeFilesWhole(
    target,
    async (temporary) => {
      files.push(...(await writeMergedFiles(base, { merged, digest, folder: temporary, names, taken: await takenNames(base, folder) })));
      await check(join(temporary, graph));
    },
    { overwrite },
  );
  return { path: target, files, rounded: merged.rounded };
}

/** The base itself is never written over. */
export async function refuseExisting(path: string, { base, overwrite }: { base: Base; overwrite: boolean }): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return;
  const own = (await inodes(base.files)).has(found.ino);
  if (overwrite && !own) return;
  throw new GraftError("NOT_WRITABLE", `Cannot write "${path}": ${own ? "it is a file of the base" : "it exists already"}`, {
    hint: own ? "Choose another path" : "Choose another path, or pass --overwrite",
  });
}

/** Names in the folder that stand for other bytes than the base's. */
export async function takenNames(base: Base, folder: string): Promise<string[]> {
  const own = await inodes(base.files);
  const taken: string[] = [];
  for (const name of await readdir(folder)) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found === undefined || !own.has(found.ino)) taken.push(name);
  }
  return taken;
}

async function inodes(files: readonly string[]): Promise<ReadonlySet<number>> {
  return new Set(await Promise.all(files.map(async (path) => (await stat(path)).ino)));
}
