import { open } from "node:fs/promises";
import { GraftError } from "@graft/error";
import { checkRange, type ByteSource } from "./byte-source.ts";

/** A file, held open until `close`. FILE_NOT_FOUND when it cannot be opened, READ_FAILED when it shrinks meanwhile. */
export async function fileSource(path: string): Promise<ByteSource> {
  const handle = await open(path, "r").catch((cause: NodeJS.ErrnoException) => {
    throw new GraftError("FILE_NOT_FOUND", `Cannot read "${path}": ${cause.code === "ENOENT" ? "it does not exist" : cause.message}`, {
      cause,
    });
  });
  const facts = await handle.stat();
  if (!facts.isFile()) {
    await handle.close();
    throw new GraftError("FILE_NOT_FOUND", `Cannot read "${path}": it is no file`);
  }
  return {
    size: facts.size,
    async read(offset, length) {
      checkRange(facts.size, offset, length);
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length;) {
        // One read call moves at most 2 GiB.
        const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, 1 << 30), offset + done);
        if (bytesRead === 0) throw new GraftError("READ_FAILED", `Cannot read "${path}": it became shorter while it was read`);
        done += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}
