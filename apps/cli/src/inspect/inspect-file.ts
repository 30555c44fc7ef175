import { open, stat } from "node:fs/promises";
import { extname } from "node:path";
import { GraftError, isGraftError, restate } from "@graft/error";
import { fileError } from "@graft/files";
import { inspectCheckpoint } from "./inspect-checkpoint.ts";
import { inspectOnnx } from "./inspect-onnx.ts";
import { inspectSafetensors } from "./inspect-safetensors.ts";
import type { Inspection } from "./inspection.ts";

/** Inspects what a path names, by its extension, else by its first bytes. FILE_NOT_FOUND, SAFETENSORS_INVALID, ONNX_INVALID. */
export async function inspectFile(path: string): Promise<Inspection> {
  const facts = await stat(path).catch((cause: unknown) => {
    throw fileError(cause, `inspect "${path}"`);
  });
  if (facts.isDirectory()) return inspectCheckpoint(path);
  if (!facts.isFile()) throw new GraftError("FILE_NOT_FOUND", `Cannot inspect "${path}": it is neither a file nor a folder`);
  try {
    return await inspectByContent(path);
  } catch (cause) {
    throw restate(cause, `inspect "${path}"`, "The file is damaged or was cut off: fetch it again");
  }
}

async function inspectByContent(path: string): Promise<Inspection> {
  const extension = extname(path).toLowerCase();
  if (extension === ".onnx") return inspectOnnx(path);
  if (extension === ".safetensors" || (await beginsAsSafetensors(path))) return inspectSafetensors(path);
  return inspectOnnx(path).catch((cause: unknown) => {
    if (!isGraftError(cause) || cause.code !== "ONNX_INVALID") throw cause;
    throw new GraftError("ONNX_INVALID", "Cannot inspect it: it is neither a safetensors nor an ONNX file", {
      cause,
      hint: "Give a .safetensors or .onnx file, or a checkpoint folder",
    });
  });
}

/** A header shorter than 4 GiB has four zero bytes in its length, which no protobuf message begins with. */
async function beginsAsSafetensors(path: string): Promise<boolean> {
  const handle = await open(path, "r").catch((cause: unknown) => {
    throw fileError(cause, `inspect "${path}"`);
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
    return bytesRead < 8 || buffer.readUInt32LE(4) === 0;
  } finally {
    await handle.close();
  }
}
