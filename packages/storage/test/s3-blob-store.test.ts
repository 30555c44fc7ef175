import { randomBytes } from "node:crypto";
import { openS3BlobStore } from "@graft/storage/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noCeph, startCeph, type CephServer } from "../../../test/servers/ceph.ts";
import { blobStoreContract, digestOf } from "./contracts/blob-store.ts";

describe.skipIf(noCeph !== undefined)("S3", () => {
  let server: CephServer;
  beforeAll(async () => {
    server = await startCeph();
  }, 120_000);
  afterAll(() => server?.stop());

  const opened = async () => {
    const address = server.freshAddress();
    return { address, store: await openS3BlobStore(address), again: () => openS3BlobStore(address), close: async () => undefined };
  };
  blobStoreContract("S3", opened);
  blobStoreContract("S3 without conditional writes", async () => {
    const address = `${server.freshAddress()}&conditional=false`;
    return { store: await openS3BlobStore(address), again: () => openS3BlobStore(address), close: async () => undefined };
  });

  test("what is larger than a part comes and goes in parts, also when it breaks off in between", async () => {
    const { store } = await opened();
    const bytes = new Uint8Array(randomBytes(20 * 2 ** 20));
    const digest = digestOf(bytes);
    const sent = async function* (begin: number, end: number, isBroken = false) {
      for (let at = begin; at < end; at += 300_000) yield bytes.subarray(at, Math.min(end, at + 300_000));
      if (isBroken) throw new Error("connection lost");
    };
    const common = { size: bytes.length, limit: 2 ** 30, owner: "me" };
    await expect(store.put(digest, { ...common, bytes: sent(0, 17_000_000, true) })).rejects.toThrow("connection lost");
    expect(await store.uploadOffset(digest, "me")).toBe(17_000_000);
    await store.put(digest, { ...common, offset: 17_000_000, bytes: sent(17_000_000, bytes.length) });
    const blob = await store.open(digest);
    const streamed: Uint8Array[] = [];
    for await (const chunk of blob?.stream(0, bytes.length) ?? []) streamed.push(chunk);
    expect(digestOf(Buffer.concat(streamed))).toBe(digest);
    expect(Buffer.from((await blob?.read(9_000_000, 6_000_000)) ?? []).equals(bytes.subarray(9_000_000, 15_000_000))).toBe(true);
    // Nothing of what was on its way is left.
    expect(await store.sweepUploads(Date.now() + 60_000)).toBe(0);
  });

  describe("bytes that go straight to the bucket", () => {
    const bytes = new Uint8Array(randomBytes(40 * 2 ** 20));
    const digest = digestOf(bytes);
    const direct = (store: Awaited<ReturnType<typeof openS3BlobStore>>) => {
      if (store.direct === undefined) throw new Error("no direct transfers");
      return store.direct;
    };
    const send = async (part: { offset: number; size: number; address?: string | undefined }, from = bytes): Promise<number> =>
      (await fetch(part.address ?? "", { method: "PUT", body: from.slice(part.offset, part.offset + part.size) })).status;

    test("go in parts, an upload goes on in another process with the parts that are there, and the blob is read from its own address", async () => {
      const { store, again } = await opened();
      const upload = { size: bytes.length, owner: "me" };
      const [first, second] = await direct(store).begin(digest, upload);
      expect(await send(second ?? { offset: 0, size: 0 })).toBe(200);
      await expect(direct(store).finish(digest, "me")).rejects.toMatchObject({ code: "RANGE_INVALID" });
      expect(await store.size(digest)).toBeUndefined();

      const other = await again();
      const rest = await direct(other).begin(digest, upload);
      expect(rest.map(({ address }) => address === undefined)).toEqual([false, true, false]);
      await Promise.all(rest.filter(({ address }) => address !== undefined).map((part) => send(part)));
      expect(await direct(other).finish(digest, "me")).toEqual({ status: "stored", size: bytes.length });

      const address = await direct(store).readAddress(digest);
      const response = await fetch(address, { headers: { range: "bytes=100-199" } });
      expect([response.status, Buffer.from(await response.arrayBuffer()).equals(bytes.subarray(100, 200))]).toEqual([206, true]);
      // What was signed is good for nothing else, and not after the upload is over.
      expect((await fetch(address.replace(digest.slice(10, 20), "0000000000"))).status).toBe(403);
      expect(await send(first ?? { offset: 0, size: 0 })).toBe(404);
      expect(await store.sweepUploads(Date.now() + 60_000)).toBe(0);
    });

    test("an address takes a part of its size and no other", async () => {
      const { store } = await opened();
      const [, , last] = await direct(store).begin(digest, { size: bytes.length, owner: "me" });
      const wrong = { offset: 0, size: (last?.size ?? 0) + 1, address: last?.address };
      expect(await send(wrong)).toBe(403);
    });

    test("bytes with another digest are refused and not kept", async () => {
      const { store } = await opened();
      const other = bytes.slice();
      other[30_000_000] = (other[30_000_000] ?? 0) ^ 1;
      const parts = await direct(store).begin(digest, { size: bytes.length, owner: "me" });
      await Promise.all(parts.map((part) => send(part, other)));
      await expect(direct(store).finish(digest, "me")).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
      expect([await store.size(digest), await store.sweepUploads(Date.now() + 60_000)]).toEqual([undefined, 0]);
    });

    test("an upload is its owner's alone, and old ones are swept", async () => {
      const { store } = await opened();
      const upload = { size: bytes.length, owner: "me" };
      const [first] = await direct(store).begin(digest, upload);
      await send(first ?? { offset: 0, size: 0 });
      expect((await direct(store).begin(digest, { ...upload, owner: "you" })).every(({ address }) => address !== undefined)).toBe(true);
      await expect(direct(store).finish(digest, "nobody")).rejects.toMatchObject({ code: "NOT_FOUND" });
      expect(await store.sweepUploads(Date.now() - 60_000)).toBe(0);
      expect(await store.sweepUploads(Date.now() + 60_000)).toBe(2);
    });
  });

  test("a bucket that is not there, and keys that are wrong, are told when the store is opened", async () => {
    await expect(openS3BlobStore(`s3://nowhere?endpoint=${server.endpoint}`)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining("no such bucket"),
    });
    const address = server.freshAddress();
    const key = process.env["AWS_SECRET_ACCESS_KEY"] ?? "";
    process.env["AWS_SECRET_ACCESS_KEY"] = "wrong";
    await expect(openS3BlobStore(address)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      message: expect.stringContaining("does not let us in"),
    });
    process.env["AWS_SECRET_ACCESS_KEY"] = key;
  });
});

test.each([
  ["s3://", "no s3:// address"],
  ["s3://key:secret@bucket", "AWS_ACCESS_KEY_ID"],
  ["s3://bucket?endpont=x", 'no option "endpont"'],
  ["s3://bucket?endpoint=x", "no http address"],
  ["s3://bucket?conditional=1", "want true or false"],
])("the address %s is refused in one line", async (address, why) => {
  await expect(openS3BlobStore(address)).rejects.toMatchObject({ code: "USAGE", message: expect.stringContaining(why) });
});
