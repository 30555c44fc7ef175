import { randomBytes } from "node:crypto";
import { GraftError } from "@graft/error";
import type { S3Bucket, S3Part, S3Upload } from "./s3-bucket.ts";

/** Bytes of a part: servers want 5 MiB at least, and an upload holds one in memory. */
const PART = 8 * 2 ** 20;

/** Bytes on their way into a bucket, in memory until there is enough of them for a part. */
export class S3Writer {
  readonly #bucket: S3Bucket;
  readonly #key: string;
  #waiting: Uint8Array[] = [];
  #waitingSize = 0;
  #upload: S3Upload | undefined;
  readonly #parts: S3Part[] = [];
  size = 0;

  /** Writes to a fresh key below `prefix`. */
  constructor(bucket: S3Bucket, prefix: string) {
    this.#bucket = bucket;
    this.#key = `${prefix}part-${randomBytes(12).toString("hex")}`;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#waiting.push(bytes);
    this.#waitingSize += bytes.length;
    this.size += bytes.length;
    if (this.#waitingSize < PART) return;
    const all = this.#take();
    const whole = all.length - (all.length % PART);
    for (let start = 0; start < whole; start += PART) await this.#addPart(all.subarray(start, start + PART));
    if (whole < all.length) {
      this.#waiting = [all.subarray(whole)];
      this.#waitingSize = all.length - whole;
    }
  }

  /** Makes what was written the object `key`, in one step. */
  async finish(key: string): Promise<void> {
    if (this.#upload === undefined) {
      await this.#bucket.put(key, this.#take(), { ifAbsent: true });
      return;
    }
    const rest = this.#take();
    if (rest.length > 0) await this.#addPart(rest);
    const isWhole = await this.#bucket.complete(this.#upload, this.#parts);
    // An answer that was lost looks like an upload that is over.
    if (!isWhole && (await this.#bucket.head(this.#key))?.size !== this.size)
      throw new GraftError("UNAVAILABLE", "Cannot store the blob: the bucket lost its upload", { hint: "Send it again" });
    await this.#bucket.copy(this.#key, key);
    await this.#bucket.remove(this.#key);
  }

  /** Forgets what was written. */
  async drop(): Promise<void> {
    if (this.#upload !== undefined) await this.#bucket.abort(this.#upload);
    await this.#bucket.remove(this.#key);
  }

  #take(): Uint8Array {
    const all = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingSize = 0;
    return all;
  }

  async #addPart(bytes: Uint8Array): Promise<void> {
    this.#upload ??= await this.#bucket.begin(this.#key);
    this.#parts.push(await this.#bucket.addPart(this.#upload, this.#parts.length + 1, bytes));
  }
}
