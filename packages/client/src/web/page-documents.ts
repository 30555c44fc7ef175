import { sha256 } from "@graft/digest";
import { findFile, openFolder, replaceFile } from "./opfs.ts";

/** Small JSON documents that an origin keeps, by any text. */
export class PageDocuments {
  readonly #folder: FileSystemDirectoryHandle;

  private constructor(folder: FileSystemDirectoryHandle) {
    this.#folder = folder;
  }

  /** Opens those of the origin. */
  static async open(): Promise<PageDocuments> {
    return new PageDocuments(await openFolder("graft", "documents"));
  }

  /** The document under a key; undefined where there is none, or it is no JSON. */
  async read(key: string): Promise<unknown> {
    const file = await findFile(this.#folder, await nameOf(key));
    try {
      return file === undefined ? undefined : (JSON.parse(await file.text()) as unknown);
    } catch {
      return undefined;
    }
  }

  /** Replaces the document under a key. */
  async write(key: string, value: unknown): Promise<void> {
    await replaceFile(this.#folder, await nameOf(key), JSON.stringify(value));
  }
}

async function nameOf(key: string): Promise<string> {
  return `${(await sha256(new TextEncoder().encode(key))).slice("sha256:".length)}.json`;
}
