import { readFile, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { GraftError } from "@graft/error";
import { decodeModel } from "./codec.ts";
import { folderWeights } from "./folder-weights.ts";
import type { ModelProto } from "./proto/onnx_pb.ts";
import { checkVersions } from "./versions.ts";
import type { Weights } from "./weights.ts";

/** A model read from a file, and where its weights are. */
export interface ModelFile {
  readonly model: ModelProto;
  readonly weights: Weights;
  /** Real path of the file. */
  readonly path: string;
  /** Real folder that external locations are relative to. */
  readonly folder: string;
}

/** A protobuf message ends here. */
const MODEL_BYTES = 2 ** 31 - 1;

/** Opens an ONNX file; external weights are found beside the file that a symbolic link points to. FILE_NOT_FOUND, ONNX_INVALID, ONNX_UNSUPPORTED, LIMIT_EXCEEDED. */
export async function openModelFile(path: string): Promise<ModelFile> {
  const real = await realpath(path).catch((cause: unknown) => {
    throw new GraftError("FILE_NOT_FOUND", `Cannot open "${path}": it does not exist`, { cause });
  });
  const facts = await stat(real);
  if (!facts.isFile()) throw new GraftError("FILE_NOT_FOUND", `Cannot open "${path}": it is no file`);
  if (facts.size > MODEL_BYTES) {
    throw new GraftError("LIMIT_EXCEEDED", `Cannot open "${path}": ${facts.size} bytes, an ONNX file has at most ${MODEL_BYTES}`, {
      hint: "Save the model with its weights in an external file",
    });
  }
  const model = decodeModel(plainBytes(await readFile(real)));
  checkVersions(model);
  const folder = dirname(real);
  return { model, weights: folderWeights(model, folder), path: real, folder };
}

/** A Buffer's `slice` is a view and an array's a copy: what is passed on is an array. */
function plainBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
