import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { GraftError } from "@graft/error";
import type { Base } from "./base.ts";
import { openCheckpoint } from "./open-checkpoint.ts";

/** How a base is opened. */
export interface OpenBaseOptions {
  /** Also take a model that an adapter was merged into. */
  readonly allowMerged?: boolean;
}

/**
 * Opens a base: a checkpoint folder (config.json and model.safetensors, also inside a Hugging Face cache) or an ONNX file.
 * FILE_NOT_FOUND, BASE_INVALID, ARCHITECTURE_UNSUPPORTED, SAFETENSORS_INVALID, ONNX_INVALID; MERGED_BASE for a merged model.
 */
export async function openBase(path: string, options: OpenBaseOptions = {}): Promise<Base> {
  const absolute = resolve(path);
  const facts = await stat(absolute).catch((cause: unknown) => {
    throw new GraftError("FILE_NOT_FOUND", `Cannot open the base "${path}": it does not exist`, { cause, hint: "Pass a checkpoint folder or an ONNX file" });
  });
  const folder = facts.isDirectory() ? absolute : basename(absolute) === "model.safetensors" ? dirname(absolute) : undefined;
  const opened = folder === undefined ? undefined : await openCheckpoint(folder);
  if (opened === undefined) {
    throw new GraftError("BASE_INVALID", `Cannot open the base "${path}": it is neither a checkpoint folder nor an ONNX file`, {
      hint: "Pass a folder with config.json and model.safetensors, or an ONNX file",
    });
  }
  const { merged, ...base } = opened;
  if (merged !== undefined && options.allowMerged !== true) {
    throw new GraftError("MERGED_BASE", `Cannot open the base "${path}": the adapter ${merged} is merged into it`, { hint: "Use the base without the adapter, or allow merged bases", detail: { merged } });
  }
  return base;
}
