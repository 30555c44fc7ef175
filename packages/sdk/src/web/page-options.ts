import type { LockFile } from "@graft/client";
import type { Device } from "@graft/runtime";

/** What a page loads beside the base; everything of it can cross to a worker. */
export interface PageOptions {
  /** Names with or without a range, addresses, or bytes; all that a bundle has, or that the lock pins, when left out. */
  readonly adapters?: readonly (string | Uint8Array)[];
  readonly mode?: "merge" | "attach";
  /** Address of the registry that names are looked up in. */
  readonly registry?: string;
  readonly token?: string;
  /** What the app's graft-lock.json says. */
  readonly lock?: LockFile;
  /** Address of tokenizer.json; the base's own by default. */
  readonly tokenizer?: string;
  /** `auto`, the default, takes the graphics card where there is one, else the processor: with threads where the page is isolated from other origins. */
  readonly device?: Device;
  readonly threads?: number;
  /** Bytes that the site may keep before the longest unused files go; 2 GB by default. */
  readonly cacheSize?: number;
  readonly allowMismatch?: boolean;
  readonly allowMerged?: boolean;
}
