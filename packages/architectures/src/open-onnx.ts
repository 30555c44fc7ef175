import { dirname, join } from "node:path";
import { lowerFused } from "@graft/onnx";
import { openModelFile } from "@graft/onnx/node";
import { baseName } from "./base-name.ts";
import type { OpenedBase } from "./base.ts";
import type { Config } from "./config.ts";
import { relocateWeights } from "./external-files.ts";
import { onnxBase } from "./onnx-base.ts";
import { readJson } from "./read-json.ts";
import { findTokenizer } from "./tokenizer-file.ts";

/** Opens an ONNX file. config.json and tokenizer.json are looked for beside it and one folder up, as exporters lay them out. */
export async function openOnnx(path: string): Promise<OpenedBase> {
  const { model, weights, folder, path: real } = await openModelFile(path);
  await lowerFused(model, weights);
  const places = [dirname(path), dirname(dirname(path))];
  const files = [real, ...(await relocateWeights(model, { folder, beside: dirname(path) }))];
  const tokenizerFile = await findTokenizer(places);
  return {
    ...baseName(path),
    ...onnxBase(path, {
      model,
      weights,
      config: await findJson(places, "config.json"),
      preprocessor: await findJson(places, "preprocessor_config.json"),
    }),
    folder,
    files,
    ...(tokenizerFile === undefined ? {} : { tokenizerFile }),
    merged: model.metadataProps.find(({ key }) => key === "graft.merged")?.value,
  };
}

async function findJson(folders: readonly string[], name: string): Promise<Config | undefined> {
  for (const folder of folders) {
    const config = await readJson(join(folder, name));
    if (config !== undefined) return config;
  }
  return undefined;
}
