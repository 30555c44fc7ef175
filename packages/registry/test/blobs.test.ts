import { createHash, randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { aRegistry, type TestRegistry } from "./a-registry.ts";

let registry: TestRegistry;
beforeEach(async () => {
  registry = await aRegistry({ settings: { blobBytes: 100_000, idleSeconds: 0.3, minimumBytesPerSecond: 1 } });
});
afterEach(() => registry.close());

const bytes = new Uint8Array(randomBytes(2048));
const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const url = `/v1/blobs/${digest}`;
const code = async (response: Response): Promise<unknown> => ((await response.json()) as { error: { code: string } }).error.code;
const uploads = (): Promise<string[]> => readdir(join(registry.folder, "blobs", "uploads"));

/** A body that ends with an error after some bytes, as a broken connection does. */
function broken(part: Uint8Array): ReadableStream<Uint8Array> {
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (sent) return controller.error(new Error("connection lost"));
      sent = true;
      controller.enqueue(part);
    },
  });
}

test("bytes come back whole and in ranges, with headers that let every cache keep them", async () => {
  expect((await registry.send("PUT", url, { body: bytes })).status).toBe(201);
  const whole = await registry.send("GET", url);
  expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
  expect(Object.fromEntries(whole.headers)).toMatchObject({
    etag: `"${digest}"`,
    "content-length": "2048",
    "cache-control": expect.stringContaining("immutable"),
    "content-disposition": "attachment",
  });
  const cases = [
    ["bytes=500-1499", 206, 500, 1500],
    ["bytes=500-", 206, 500, 2048],
    ["bytes=-500", 206, 1548, 2048],
    ["bytes=2000-5000", 206, 2000, 2048],
    ["bytes=0-0", 206, 0, 1],
    ["bytes=-9999", 206, 0, 2048],
    ["bytes=500-0", 200, 0, 2048],
    ["lines=1-2", 200, 0, 2048],
    ["bytes=x", 200, 0, 2048],
  ] as const;
  for (const [range, status, begin, end] of cases) {
    const response = await registry.send("GET", url, { headers: { range } });
    expect([range, response.status]).toEqual([range, status]);
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes.subarray(begin, end))).toBe(true);
    if (status === 206) expect(response.headers.get("content-range")).toBe(`bytes ${begin}-${end - 1}/2048`);
  }
  for (const range of ["bytes=5000-10000", "bytes=2048-", "bytes=-0", "bytes=0-1,5-6"]) {
    const response = await registry.send("GET", url, { headers: { range } });
    expect([response.status, await code(response)]).toEqual([416, "RANGE_INVALID"]);
  }
  expect((await registry.send("GET", url, { headers: { "if-none-match": `"${digest}"` } })).status).toBe(304);
  const stale = await registry.send("GET", url, { headers: { range: "bytes=0-9", "if-range": '"other"' } });
  expect(stale.status).toBe(200);
  await stale.body?.cancel();
  const head = await registry.send("HEAD", url);
  expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "2048", ""]);
});

test("known bytes are not stored again, and bytes that nobody published are for those who run the registry", async () => {
  await registry.send("PUT", url, { body: bytes });
  expect(await (await registry.send("PUT", url, { body: bytes })).json()).toEqual({ status: "exists", digest, size: 2048 });
  expect((await registry.send("GET", url, { token: null })).status).toBe(404);
});

test("an upload that broke off goes on where it stopped, for its sender", async () => {
  await registry.send("PUT", url, { body: broken(bytes.subarray(0, 1000)), headers: { "content-range": "bytes 0-2047/2048" } });
  const head = await registry.send("HEAD", url);
  expect([head.status, head.headers.get("upload-offset")]).toEqual([404, "1000"]);
  const wrong = await registry.send("PUT", url, { body: bytes.subarray(500), headers: { "content-range": "bytes 500-2047/2048" } });
  expect([wrong.status, await code(wrong)]).toEqual([416, "RANGE_INVALID"]);
  const rest = await registry.send("PUT", url, { body: bytes.subarray(1000), headers: { "content-range": "bytes 1000-2047/2048" } });
  expect(rest.status).toBe(201);
  expect(Buffer.from(await (await registry.send("GET", url)).arrayBuffer()).equals(bytes)).toBe(true);
  expect(await uploads()).toEqual([]);
});

test("bytes with another digest are never stored, also when only the kept part was wrong", async () => {
  const other = bytes.slice();
  other[7] = (other[7] ?? 0) ^ 1;
  const mismatch = await registry.send("PUT", url, { body: other });
  expect([mismatch.status, await code(mismatch)]).toEqual([422, "DIGEST_MISMATCH"]);
  await registry.send("PUT", url, { body: broken(other.subarray(0, 1000)), headers: { "content-range": "bytes 0-2047/2048" } });
  const resumed = await registry.send("PUT", url, { body: bytes.subarray(1000), headers: { "content-range": "bytes 1000-2047/2048" } });
  expect(await code(resumed)).toBe("DIGEST_MISMATCH");
  expect((await registry.send("HEAD", url)).status).toBe(404);
  expect(await uploads()).toEqual([]);
});

test("a blob that is too large is refused, announced or not, and nothing of it stays", async () => {
  const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(10_000)) });
  const unannounced = await registry.send("PUT", url, { body: endless });
  expect([unannounced.status, await code(unannounced)]).toEqual([413, "LIMIT_EXCEEDED"]);
  const announced = await registry.send("PUT", url, { body: bytes, headers: { "content-range": "bytes 0-100000/100001" } });
  expect(await code(announced)).toBe("LIMIT_EXCEEDED");
  const encoded = await registry.send("PUT", url, { body: bytes, headers: { "content-encoding": "gzip" } });
  expect(await code(encoded)).toBe("USAGE");
  expect(await uploads()).toEqual([]);
});

test("a sender that stops sending is given up", async () => {
  const silent = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(bytes.subarray(0, 10)) });
  const response = await registry.send("PUT", url, { body: silent });
  expect([response.status, await code(response)]).toEqual([408, "TOO_SLOW"]);
  const json = await registry.send("POST", "/v1/find", {
    body: new ReadableStream<Uint8Array>({}),
    headers: { "content-type": "application/json" },
  });
  expect(await code(json)).toBe("TOO_SLOW");
});
