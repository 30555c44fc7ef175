import { mkdtemp, open, rm, stat, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blobSource, bytesSource, encodeSafetensors, httpSource, openSafetensors, readHeader, type ByteSource } from "@graft/safetensors";
import { fileSource } from "@graft/safetensors/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** More than a first request to a server reads. */
const bytes = encodeSafetensors(
  new Map([
    ["large", { dtype: "U8", shape: [100_000], data: Uint8Array.from({ length: 100_000 }, (_, index) => index % 251) }],
    ["small", { dtype: "F32", shape: [2], data: new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]) }],
  ]),
);
let folder = "";
let url = "";
let behave: (begin: number) => { status?: number; headers?: Record<string, string>; body?: Uint8Array } = () => ({});
const requested: string[] = [];

/** Serves `bytes` by ranges, except for what a test changes. */
const server = createServer((request, response) => {
  const [, begin = "0", last = "0"] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  const end = Math.min(Number(last) + 1, bytes.length);
  requested.push(`${begin}-${end}`);
  const { status = 206, headers = {}, body = bytes.subarray(Number(begin), end) } = behave(Number(begin));
  response.writeHead(status, { "content-range": `bytes ${begin}-${end - 1}/${bytes.length}`, etag: '"one"', ...headers });
  response.end(body);
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "graft-sources-"));
  await writeFile(join(folder, "file.safetensors"), bytes);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file.safetensors?signature=secret`;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

const SOURCES: Readonly<Record<string, () => Promise<ByteSource>>> = {
  bytes: async () => bytesSource(bytes),
  "an ArrayBuffer": async () => bytesSource(Uint8Array.from(bytes).buffer),
  "a Blob": async () => blobSource(new Blob([Uint8Array.from(bytes)])),
  "a file": () => fileSource(join(folder, "file.safetensors")),
  "a server": () => httpSource(url),
};

describe.each(Object.keys(SOURCES))("a file read from %s", (kind) => {
  const source = (): Promise<ByteSource> => SOURCES[kind]?.() ?? Promise.reject(new Error(kind));

  test("has its tensors, whole and by range", async () => {
    const file = await openSafetensors(await source());
    expect([...file.header.tensors.keys()]).toEqual(["small", "large"]);
    expect([...(await file.tensor("small")).data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([...(await file.bytes("large", { begin: 99_998 }))]).toEqual([99_998 % 251, 99_999 % 251]);
    expect([...(await file.bytes("small", { begin: 2, end: 4 }))]).toEqual([3, 4]);
    expect(await file.bytes("small", { begin: 8 })).toHaveLength(0);
    await expect(file.bytes("small", { end: 9 })).rejects.toMatchObject({ code: "READ_FAILED" });
    await expect(file.tensor("absent")).rejects.toMatchObject({ code: "NOT_FOUND" });
    await file.close();
  });

  test("refuses ranges that leave it", async () => {
    const opened = await source();
    for (const [offset, length] of [
      [-1, 1],
      [0, bytes.length + 1],
      [bytes.length, 1],
      [0.5, 1],
      [0, Number.NaN],
    ] as const) {
      await expect(opened.read(offset, length)).rejects.toMatchObject({ code: "READ_FAILED" });
    }
    await opened.close();
  });
});

test("the header of a 10 GB file costs the header", async () => {
  const path = join(folder, "sparse.safetensors");
  const size = 10 * 2 ** 30;
  const header = `{"large":{"dtype":"U8","shape":[${size}],"data_offsets":[0,${size}]}}`.padEnd(80, " ");
  const handle = await open(path, "w");
  await handle.write(Buffer.concat([Buffer.from(BigUint64Array.of(80n).buffer), Buffer.from(header)]));
  await handle.close();
  await truncate(path, 88 + size);
  const source = await fileSource(path);
  const reads: number[] = [];
  const counted: ByteSource = { ...source, read: (offset, length) => (reads.push(length), source.read(offset, length)) };
  const { tensors } = await readHeader(counted);
  expect([tensors.get("large")?.end, reads]).toEqual([size, [8, 80]]);
  const file = await openSafetensors(source);
  expect(await file.bytes("large", { begin: size - 3 })).toEqual(new Uint8Array(3));
  await file.close();
  expect((await stat(path)).blocks).toBeLessThan(1_000);
});

describe("a server", () => {
  test("is asked once for a header and everything near it", async () => {
    requested.length = 0;
    const file = await openSafetensors(await httpSource(url));
    await file.tensor("small");
    expect(requested).toEqual(["0-65536"]);
  });

  test.each([
    ["that serves no ranges", () => ({ status: 200 })],
    ["that says no", () => ({ status: 403 })],
    ["that sends another range", () => ({ headers: { "content-range": `bytes 1-2/${bytes.length}` } })],
    ["that sends less than it said", (begin: number) => ({ body: bytes.subarray(begin, begin + 10) })],
    ["that sends more than it said", () => ({ body: new Uint8Array(200_000) })],
    ["whose file changes", (begin: number) => ({ headers: { etag: begin > 0 ? '"two"' : '"one"' } })],
  ])("%s is refused, and the message keeps the query secret", async (_, change) => {
    behave = change;
    const failure = await httpSource(url)
      .then((source) => source.read(70_000, 10))
      .catch((error: unknown) => error);
    behave = () => ({});
    expect(failure).toMatchObject({ code: "READ_FAILED" });
    expect(String(failure)).not.toContain("secret");
  });

  test("that is not there is READ_FAILED", async () => {
    await expect(httpSource("http://127.0.0.1:1/x")).rejects.toMatchObject({ code: "READ_FAILED" });
  });

  test("with an empty file has a size of zero", async () => {
    behave = () => ({ status: 416, headers: { "content-range": "bytes */0" } });
    expect((await httpSource(url)).size).toBe(0);
    behave = () => ({});
  });
});

test("a file that is missing, is a folder, or shrinks has a code", async () => {
  await expect(fileSource(join(folder, "absent"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  await expect(fileSource(folder)).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
  const path = join(folder, "shrinking");
  await writeFile(path, "0123456789");
  const source = await fileSource(path);
  await truncate(path, 5);
  await expect(source.read(0, 10)).rejects.toMatchObject({ code: "READ_FAILED" });
  await source.close();
});
