import { readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { GraftError, isGraftError } from "@graft/error";
import type { Base, OpenedBase } from "./base.ts";
import { openCheckpoint } from "./open-checkpoint.ts";
import { openOnnx } from "./open-onnx.ts";

/** How a base is opened. */
export interface OpenBaseOptions {
  /** Also take a model that an adapter was merged into. */
  readonly allowMerged?: boolean;
  /** Builds a decoder's checkpoint with its cache, for generating text; an ONNX file is taken as it is. */
  readonly cache?: boolean;
}

/** Where exporters put the graph of a folder. */
const USUAL_FILES = ["model.onnx", "onnx/model.onnx"];

/**
 * Opens a base: a checkpoint folder (config.json and model.safetensors, also inside a Hugging Face cache) or an ONNX file.
 * FILE_NOT_FOUND, BASE_INVALID, ARCHITECTURE_UNSUPPORTED, SAFETENSORS_INVALID, ONNX_INVALID; MERGED_BASE for a merged model.
 */
export async function openBase(path: string, options: OpenBaseOptions = {}): Promise<Base> {
  const { merged, ...base } = await open(path, options);
  if (merged !== undefined && options.allowMerged !== true) {
    throw new GraftError("MERGED_BASE", `Cannot open the base "${path}": the adapter ${merged} is merged into it`, {
      hint: "Use the base without the adapter, or allow merged bases",
      detail: { merged },
    });
  }
  return base;
}

async function open(path: string, options: OpenBaseOptions): Promise<OpenedBase> {
  const absolute = resolve(path);
  const facts = await stat(absolute).catch((cause: unknown) => {
    throw new GraftError("FILE_NOT_FOUND", `Cannot open the base "${path}": it does not exist`, {
      cause,
      hint: "Pass a checkpoint folder or an ONNX file",
    });
  });
  if (!facts.isDirectory()) return basename(absolute) === "model.safetensors" ? openFolder(dirname(absolute), options) : openFile(absolute);
  return openFolder(absolute, options);
}

async function openFolder(folder: string, options: OpenBaseOptions): Promise<OpenedBase> {
  const checkpoint = await openCheckpoint(folder, options);
  if (checkpoint !== undefined) return checkpoint;
  const names = await readdir(folder);
  for (const name of [...USUAL_FILES, ...single(names.filter((entry) => entry.endsWith(".onnx")))]) {
    if (
      await stat(join(folder, name)).then(
        (facts) => facts.isFile(),
        () => false,
      )
    )
      return openOnnx(join(folder, name));
  }
  const pickled = names.some((name) => /^pytorch_model.*\.bin$/.test(name));
  throw new GraftError("BASE_INVALID", `Cannot open the base "${folder}": it has neither model.safetensors nor an ONNX file`, {
    hint: pickled
      ? "Save the checkpoint as safetensors: pytorch_model.bin can run code when it is read"
      : "Pass a folder with config.json and model.safetensors, or an ONNX file",
  });
}

async function openFile(path: string): Promise<OpenedBase> {
  try {
    return await openOnnx(path);
  } catch (cause) {
    if (!isGraftError(cause) || cause.code !== "ONNX_INVALID" || extname(path) === ".onnx") throw cause;
    throw new GraftError("BASE_INVALID", `Cannot open the base "${path}": it is no ONNX file and no checkpoint folder`, {
      cause,
      hint: "Pass a folder with config.json and model.safetensors, or an ONNX file",
    });
  }
}

/** The only entry of a list; nothing when there is a choice. */
function single<T>(entries: readonly T[]): readonly T[] {
  return entries.length === 1 ? entries : [];
}
