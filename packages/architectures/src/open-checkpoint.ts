import { basename, dirname, join } from "node:path";
import { GraftError } from "@graft/error";
import { fileSource } from "@graft/safetensors/node";
import { baseName } from "./base-name.ts";
import type { OpenedBase } from "./base.ts";
import { checkpointBase } from "./checkpoint-base.ts";
import { checkpointFiles } from "./checkpoint-files.ts";
import type { BuildOptions } from "./family.ts";
import { readJson } from "./read-json.ts";
import { findTokenizer } from "./tokenizer-file.ts";

/** Opens a folder with config.json and model.safetensors; undefined when it has no such weights. */
export async function openCheckpoint(folder: string, options: BuildOptions = {}): Promise<OpenedBase | undefined> {
  const files = await checkpointFiles(folder);
  if (files === undefined) return undefined;
  const config = await readJson(join(folder, "config.json"));
  if (config === undefined) {
    throw new GraftError("BASE_INVALID", `Cannot open the checkpoint "${folder}": it has no config.json`, {
      hint: "Download config.json beside model.safetensors",
    });
  }
  const real = dirname(files[0]?.path ?? folder);
  const tokenizerFile = await findTokenizer([folder]);
  return {
    ...baseName(folder),
    ...checkpointBase(config, {
      ...(options.cache === undefined ? {} : { cache: options.cache }),
      files: files.map(({ path, header }) => ({ location: basename(path), header })),
      preprocessor: await readJson(join(folder, "preprocessor_config.json")),
      open: (location) => fileSource(join(real, location)),
    }),
    folder: real,
    files: files.map(({ path }) => path),
    ...(tokenizerFile === undefined ? {} : { tokenizerFile }),
    merged: files.map(({ header }) => header.metadata.get("graft.merged")).find((digest) => digest !== undefined),
  };
}
