import { createReadStream } from "node:fs";
import { open, readFile, stat } from "node:fs/promises";
import { GraftError } from "@graft/error";
import type { DataFile } from "./record.ts";

/** A file on disk as readers take it. FILE_NOT_FOUND. */
export async function dataFile(path: string): Promise<DataFile> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new GraftError("FILE_NOT_FOUND", `Cannot read "${path}": ${cause.code === "ENOENT" ? "it does not exist" : cause.message}`, {
      cause,
      hint: "Check the path",
    });
  });
  return {
    name: path,
    size: found.size,
    chunks: () => createReadStream(path),
    slice: async (begin, end) => {
      const file = await open(path);
      try {
        const bytes = new Uint8Array(end - begin);
        const { bytesRead } = await file.read(bytes, 0, bytes.length, begin);
        return bytes.buffer.slice(0, bytesRead);
      } finally {
        await file.close();
      }
    },
  };
}

/** The bytes of a file that a row names. FILE_NOT_FOUND. */
export async function readDataFile(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new GraftError("FILE_NOT_FOUND", `Cannot read: "${path}" ${cause.code === "ENOENT" ? "does not exist" : cause.message}`, {
      cause,
    });
  });
}
