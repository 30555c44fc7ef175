import { link, open, rename, type FileHandle } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileError } from "./file-error.ts";
import { syncFolder, withTemporary } from "./temporary.ts";

/** How a file comes to be: replacing what is there is the default; `mode` is that of `open`. */
export interface WriteOptions {
  readonly overwrite?: boolean;
  readonly mode?: number;
}

/** Where a streaming writer puts its bytes, in order. */
export interface FileSink {
  write(bytes: Uint8Array): Promise<void>;
}

/** Writes a file that is there whole, on disk, or not at all. DISK_FULL, NOT_WRITABLE, FILE_NOT_FOUND (no such folder). */
export async function writeFileWhole(
  path: string,
  data: Uint8Array | string | AsyncIterable<Uint8Array>,
  options: WriteOptions = {},
): Promise<void> {
  await createFileWhole(path, {
    ...options,
    write: async (sink) => {
      if (typeof data === "string") await sink.write(new TextEncoder().encode(data));
      else if (data instanceof Uint8Array) await sink.write(data);
      else for await (const chunk of data) await sink.write(chunk);
    },
  });
}

/** The same for a writer that pushes: `write` fills the sink, and the file appears when it returns. */
export async function createFileWhole(
  path: string,
  options: ((sink: FileSink) => Promise<void>) | (WriteOptions & { readonly write: (sink: FileSink) => Promise<void> }),
): Promise<void> {
  const { write, overwrite = true, mode = 0o666 } = typeof options === "function" ? { write: options } : options;
  const target = resolve(path);
  try {
    await withTemporary(target, async (temporary) => {
      const handle = await open(temporary, "wx", mode);
      try {
        await write({ write: (bytes) => writeFully(handle, bytes) });
        await handle.sync();
      } finally {
        await handle.close();
      }
      if (overwrite) await rename(temporary, target);
      else await renameToFree(temporary, target);
    });
    await syncFolder(dirname(target));
  } catch (cause) {
    throw fileError(cause, `write "${path}"`);
  }
}

/** File systems without hard links: FAT, and some that are mounted over a network. */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/** A link fails when the name is taken, which a rename does not. Without links, an empty file claims the name first. */
async function renameToFree(temporary: string, target: string): Promise<void> {
  try {
    await link(temporary, target);
  } catch (cause) {
    if (!NO_LINKS.has((cause as NodeJS.ErrnoException).code ?? "")) throw cause;
    await (await open(target, "wx")).close();
    await rename(temporary, target);
  }
}

async function writeFully(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    // One write call moves at most 2 GiB.
    const { bytesWritten } = await handle.write(bytes, done, Math.min(bytes.length - done, 1 << 30));
    done += bytesWritten;
  }
}
