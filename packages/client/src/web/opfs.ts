import { GraftError } from "@graft/error";

/** A file of the origin's private file system, opened for reading and writing: what a worker has. */
export interface OpenedFile {
  read(into: Uint8Array, options: { readonly at: number }): number;
  write(bytes: Uint8Array, options: { readonly at: number }): number;
  truncate(size: number): void;
  getSize(): number;
  flush(): void;
  close(): void;
}

/** A folder of the origin's private file system, made where it is missing. DEVICE_UNAVAILABLE where pages have none. */
export async function openFolder(...path: readonly string[]): Promise<FileSystemDirectoryHandle> {
  if (typeof navigator.storage?.getDirectory !== "function") {
    throw new GraftError("DEVICE_UNAVAILABLE", "Cannot keep files in this page: it has no private file system", {
      hint: "Serve the page over https or from localhost",
    });
  }
  let folder = await navigator.storage.getDirectory();
  for (const name of path) folder = await folder.getDirectoryHandle(name, { create: true });
  return folder;
}

/** Opens a file for reading and writing; one at a time may. */
export async function openFile(folder: FileSystemDirectoryHandle, name: string): Promise<OpenedFile> {
  const handle = (await folder.getFileHandle(name, { create: true })) as FileSystemFileHandle & {
    createSyncAccessHandle?(): Promise<OpenedFile>;
  };
  if (handle.createSyncAccessHandle !== undefined) return handle.createSyncAccessHandle();
  throw new GraftError("DEVICE_UNAVAILABLE", "Cannot write files here: a page's own thread may not", { hint: "Load in a worker" });
}

/** The file of a name; undefined where there is none. */
export async function findFile(folder: FileSystemDirectoryHandle, name: string): Promise<File | undefined> {
  try {
    return await (await folder.getFileHandle(name)).getFile();
  } catch (cause) {
    if ((cause as DOMException).name === "NotFoundError") return undefined;
    throw cause;
  }
}

/** Replaces a small file; a reader finds all of it or what was there before. */
export async function replaceFile(folder: FileSystemDirectoryHandle, name: string, text: string): Promise<void> {
  const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
  await writable.write(text);
  await writable.close();
}

/** Removes a file, if it is there. */
export async function removeFile(folder: FileSystemDirectoryHandle, name: string): Promise<void> {
  await folder.removeEntry(name).catch((cause: DOMException) => {
    if (cause.name !== "NotFoundError") throw cause;
  });
}

/** Names of everything in a folder. */
export async function fileNames(folder: FileSystemDirectoryHandle): Promise<string[]> {
  const names: string[] = [];
  for await (const name of (folder as unknown as { keys(): AsyncIterable<string> }).keys()) names.push(name);
  return names;
}
