import { basename, dirname, join } from "node:path";
import { GraftError } from "@graft/error";
import { modelWeights } from "@graft/onnx";
import { fileSource } from "@graft/safetensors/node";
import { baseName } from "./base-name.ts";
import type { OpenedBase } from "./base.ts";
import { buildFromTensors } from "./build-checkpoint.ts";
import { checkpointFiles } from "./checkpoint-files.ts";
import { findFamily } from "./families.ts";
import { readJson } from "./read-json.ts";
import { storedTensors } from "./stored-tensor.ts";
import { findTokenizer } from "./tokenizer-file.ts";

/** Opens a folder with config.json and model.safetensors; undefined when it has no such weights. */
export async function openCheckpoint(folder: string): Promise<OpenedBase | undefined> {
  const files = await checkpointFiles(folder);
  if (files === undefined) return undefined;
  const config = await readJson(join(folder, "config.json"));
  if (config === undefined) {
    throw new GraftError("BASE_INVALID", `Cannot open the checkpoint "${folder}": it has no config.json`, {
      hint: "Download config.json beside model.safetensors",
    });
  }
  const family = findFamily(config);
  const { hiddenSize, maxLength } = family.read(config);
  const model = buildFromTensors(
    config,
    files.flatMap(({ path, header }) => storedTensors(header, { location: basename(path) })),
  );
  const real = dirname(files[0]?.path ?? folder);
  const tokenizerFile = await findTokenizer([folder]);
  return {
    ...baseName(folder),
    model,
    weights: modelWeights(model, (location) => fileSource(join(real, location))),
    folder: real,
    kind: "checkpoint",
    files: files.map(({ path }) => path),
    config,
    family: family.name,
    hiddenSize,
    maxLength,
    ...(tokenizerFile === undefined ? {} : { tokenizerFile }),
    merged: files.map(({ header }) => header.metadata.get("graft.merged")).find((digest) => digest !== undefined),
  };
}
