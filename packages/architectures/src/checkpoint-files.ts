import { realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GraftError, restate } from "@graft/error";
import { type Header, readHeader } from "@graft/safetensors";
import { fileSource } from "@graft/safetensors/node";
import { readJson } from "./read-json.ts";

/** One weight file of a checkpoint: its real path, and its header. */
export interface CheckpointFile {
  readonly path: string;
  readonly header: Header;
}

/**
 * The weight files of a checkpoint folder: model.safetensors, or the shards that its index lists.
 * Every file of a Hugging Face cache is a symbolic link, and ONNX Runtime refuses references that leave the folder: so real paths.
 * Undefined when the folder has neither.
 */
export async function checkpointFiles(folder: string): Promise<CheckpointFile[] | undefined> {
  const names = (await shardNames(folder)) ?? ["model.safetensors"];
  const files: CheckpointFile[] = [];
  for (const name of names) {
    const path = await realpath(join(folder, name)).catch(() => undefined);
    if (path === undefined) {
      if (names.length === 1 && name === "model.safetensors") return undefined;
      throw new GraftError("BASE_INVALID", `Cannot open the checkpoint "${folder}": its index lists "${name}", which does not exist`, {
        hint: "Download all shards",
      });
    }
    files.push({ path, header: await readFileHeader(path) });
  }
  const folders = new Set(files.map(({ path }) => dirname(path)));
  if (folders.size > 1)
    throw new GraftError("BASE_INVALID", `Cannot open the checkpoint "${folder}": its shards lie in ${folders.size} folders, want one`);
  return files;
}

async function shardNames(folder: string): Promise<string[] | undefined> {
  if (
    await realpath(join(folder, "model.safetensors")).then(
      () => true,
      () => false,
    )
  )
    return undefined;
  const index = await readJson(join(folder, "model.safetensors.index.json"));
  if (index === undefined) return undefined;
  const map = index["weight_map"];
  const names = [...new Set(typeof map === "object" && map !== null ? Object.values(map) : [])];
  if (
    names.length === 0 ||
    names.some((name) => typeof name !== "string" || name === "" || name.startsWith(".") || basename(name) !== name)
  ) {
    throw new GraftError(
      "BASE_INVALID",
      `Cannot open the checkpoint "${folder}": the weight_map of model.safetensors.index.json does not list files of this folder`,
    );
  }
  return (names as string[]).toSorted();
}

async function readFileHeader(path: string): Promise<Header> {
  const source = await fileSource(path);
  try {
    return await readHeader(source);
  } catch (cause) {
    throw restate(cause, `open the checkpoint "${path}"`, "Download the file again: it is damaged or was cut off");
  } finally {
    await source.close();
  }
}
