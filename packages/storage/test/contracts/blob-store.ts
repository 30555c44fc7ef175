import { createHash, randomBytes } from "node:crypto";
import type { Digest } from "@graft/digest";
import type { BlobStore, BlobUpload } from "@graft/storage";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

/** A blob store under test, and how to end it. */
export interface OpenedBlobStore {
  readonly store: BlobStore;
  /** A second store over the same bytes, as another process opens it. */
  readonly again: () => Promise<BlobStore>;
  readonly close: () => Promise<void>;
}

export const digestOf = (bytes: Uint8Array): Digest => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

async function* chunks(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function* breaking(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield* chunks(bytes);
  throw new Error("connection lost");
}

const upload = (bytes: Uint8Array, options: Partial<BlobUpload> = {}): BlobUpload => ({
  bytes: chunks(bytes),
  limit: 1_000_000,
  owner: "me",
  ...options,
});

/** What every blob store must do. */
export function blobStoreContract(name: string, open: () => Promise<OpenedBlobStore>): void {
  describe(`the contract of blob stores: ${name}`, () => {
    let opened: OpenedBlobStore;
    let store: BlobStore;
    beforeEach(async () => {
      opened = await open();
      ({ store } = opened);
    });
    afterEach(() => opened.close());

    const bytes = new Uint8Array(randomBytes(10_500));
    const digest = digestOf(bytes);
    const contents = async (from: BlobStore, of: Digest): Promise<Uint8Array | undefined> => {
      const blob = await from.open(of);
      const read = await blob?.read(0, blob.size);
      await blob?.close();
      return read;
    };

    test("what was put comes back, here and in another process", async () => {
      expect(await store.put(digest, upload(bytes))).toEqual({ status: "stored", size: bytes.length });
      expect(await store.size(digest)).toBe(bytes.length);
      for (const each of [store, await opened.again()]) expect(Buffer.from((await contents(each, digest)) ?? []).equals(bytes)).toBe(true);
    });

    test("an empty blob is a blob", async () => {
      const empty = digestOf(new Uint8Array());
      expect(await store.put(empty, upload(new Uint8Array(), { size: 0 }))).toEqual({ status: "stored", size: 0 });
      expect(await contents(store, empty)).toHaveLength(0);
    });

    test("what was never put is absent", async () => {
      expect([await store.size(digest), await store.open(digest), await store.uploadOffset(digest, "me")]).toEqual([
        undefined,
        undefined,
        0,
      ]);
    });

    test("the same bytes again are known", async () => {
      await store.put(digest, upload(bytes));
      expect(await store.put(digest, upload(bytes))).toEqual({ status: "exists", size: bytes.length });
    });

    test("many who put the same bytes at once all succeed", async () => {
      const results = await Promise.all(
        Array.from({ length: 16 }, (_, index) => store.put(digest, upload(bytes, { owner: `owner-${index}` }))),
      );
      expect(results.every(({ size }) => size === bytes.length)).toBe(true);
      expect(Buffer.from((await contents(store, digest)) ?? []).equals(bytes)).toBe(true);
    });

    test("ranges are read and streamed", async () => {
      await store.put(digest, upload(bytes));
      const blob = await store.open(digest);
      expect(Buffer.from((await blob?.read(100, 50)) ?? []).equals(bytes.subarray(100, 150))).toBe(true);
      const streamed: Uint8Array[] = [];
      for await (const chunk of blob?.stream(10, 10_400) ?? []) streamed.push(chunk);
      expect(Buffer.concat(streamed).equals(bytes.subarray(10, 10_400))).toBe(true);
      await expect(blob?.read(10_000, 1000)).rejects.toMatchObject({ code: "READ_FAILED" });
      await blob?.close();
    });

    test("bytes with another digest are refused and not kept", async () => {
      const wrong = bytes.slice();
      wrong[5000] = (wrong[5000] ?? 0) ^ 1;
      await expect(store.put(digest, upload(wrong))).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
      expect([await store.size(digest), await store.uploadOffset(digest, "me")]).toEqual([undefined, 0]);
    });

    test("too many bytes are refused, whatever was announced, and not kept", async () => {
      await expect(store.put(digest, upload(bytes, { limit: 10_000 }))).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
      await expect(store.put(digest, upload(bytes, { size: 10_499 }))).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
      expect([await store.size(digest), await store.uploadOffset(digest, "me")]).toEqual([undefined, 0]);
    });

    test("an upload that broke off or ended early goes on, for its owner alone, in another process too", async () => {
      await expect(store.put(digest, upload(bytes, { bytes: breaking(bytes.subarray(0, 3000)) }))).rejects.toThrow("connection lost");
      expect([await store.uploadOffset(digest, "me"), await store.uploadOffset(digest, "you")]).toEqual([3000, 0]);
      await expect(store.put(digest, upload(bytes.subarray(3000, 6000), { offset: 3000, size: bytes.length }))).rejects.toMatchObject({
        code: "RANGE_INVALID",
        detail: { offset: 6000 },
      });
      expect(await store.uploadOffset(digest, "me")).toBe(6000);
      const other = await opened.again();
      await expect(other.put(digest, upload(bytes.subarray(6000), { offset: 6000, owner: "you" }))).rejects.toMatchObject({
        code: "RANGE_INVALID",
        detail: { offset: 0 },
      });
      expect(await other.put(digest, upload(bytes.subarray(6000), { offset: 6000, size: bytes.length }))).toEqual({
        status: "stored",
        size: bytes.length,
      });
      expect(await store.uploadOffset(digest, "me")).toBe(0);
    });

    test("going on at the wrong place is refused, and what was kept stays", async () => {
      await store.put(digest, upload(bytes, { bytes: breaking(bytes.subarray(0, 3000)) })).catch(() => undefined);
      for (const offset of [2999, 3001]) {
        await expect(store.put(digest, upload(bytes.subarray(offset), { offset }))).rejects.toMatchObject({
          code: "RANGE_INVALID",
          detail: { offset: 3000 },
        });
      }
      expect(await store.uploadOffset(digest, "me")).toBe(3000);
    });

    test("of two that go on at once, at most one writes", async () => {
      await store.put(digest, upload(bytes, { bytes: breaking(bytes.subarray(0, 3000)) })).catch(() => undefined);
      const results = await Promise.allSettled(
        Array.from({ length: 4 }, () => store.put(digest, upload(bytes.subarray(3000), { offset: 3000 }))),
      );
      expect(results.some(({ status }) => status === "fulfilled")).toBe(true);
      expect(Buffer.from((await contents(store, digest)) ?? []).equals(bytes)).toBe(true);
    });

    test("old uploads are swept, fresh ones and blobs are not", async () => {
      await store.put(digest, upload(bytes));
      const other = digestOf(new Uint8Array(1));
      await store.put(other, upload(bytes, { bytes: breaking(bytes.subarray(0, 3000)) })).catch(() => undefined);
      expect(await store.sweepUploads(Date.now() - 60_000)).toBe(0);
      expect(await store.uploadOffset(other, "me")).toBe(3000);
      expect(await store.sweepUploads(Date.now() + 60_000)).toBe(1);
      expect([await store.uploadOffset(other, "me"), await store.size(digest)]).toEqual([0, bytes.length]);
    });

    test("a deleted blob is absent, and deleting what is absent is no fault", async () => {
      await store.put(digest, upload(bytes));
      await store.delete(digest);
      await store.delete(digest);
      expect(await store.size(digest)).toBeUndefined();
    });

    test("every blob is listed with its size and when it came, and nothing that is on its way", async () => {
      const [small, smaller] = [bytes.subarray(0, 20), bytes.subarray(0, 10)];
      for (const each of [small, smaller]) await store.put(digestOf(each), upload(each));
      await store.put(digest, upload(bytes, { bytes: breaking(bytes.subarray(0, 3000)) })).catch(() => undefined);
      const listed = new Map<string, number>();
      for await (const { digest: found, size, storedAt } of store.list()) {
        listed.set(found, size);
        expect(Math.abs(Date.now() - storedAt)).toBeLessThan(60_000);
      }
      expect(listed).toEqual(new Map([small, smaller].map((each) => [digestOf(each), each.length])));
    });

    test("bytes that are taken afresh must be there all, with their digest, though they are known", async () => {
      await store.put(digest, upload(bytes));
      expect(await store.put(digest, upload(bytes, { afresh: true }))).toEqual({ status: "stored", size: bytes.length });
      await expect(store.put(digest, upload(bytes.subarray(1), { afresh: true }))).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
      expect(await store.size(digest)).toBe(bytes.length);
    });

    test("an owner's name cannot lead anywhere else", async () => {
      for (const owner of ["../../x", "a/b", "\0", "é".repeat(300)]) {
        await store.put(digest, upload(bytes, { owner, bytes: breaking(bytes.subarray(0, 1000)) })).catch(() => undefined);
        expect(await store.uploadOffset(digest, owner)).toBe(1000);
      }
    });
  });
}
