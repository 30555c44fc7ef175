import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { referee, runReferee } from "./referee.ts";

/** all-MiniLM-L6-v2 in every form that people hold a base in. */
export interface Exports {
  /** Folder with config.json, model.safetensors and tokenizer.json. */
  readonly checkpoint: string;
  /** ONNX file of the TorchScript exporter (opset 17), weights inside. */
  readonly legacy: string;
  /** ONNX file of the dynamo exporter (opset 20), weights in a file beside it. */
  readonly dynamo: string;
  /** The checkpoint inside a Hugging Face cache, where every file is a symbolic link. */
  readonly hub: string;
}

let made: Exports | undefined;

/** Paths of the exports, made by the referee once and kept; undefined where there is no referee. */
export function minilmExports(): Exports | undefined {
  if (referee === undefined) return undefined;
  const folder = process.env["GRAFT_EXPORTS"] ?? join(import.meta.dirname, "../.cache/exports");
  mkdirSync(folder, { recursive: true });
  const script = readFileSync(join(import.meta.dirname, "referee/export_minilm.py"), "utf8");
  made ??= JSON.parse(runReferee(script, folder).toString().trim().split("\n").at(-1) ?? "") as Exports;
  return made;
}
