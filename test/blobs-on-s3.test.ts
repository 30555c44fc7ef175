import { createHash } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@graft/client/node";
import { startServer, type RunningServer } from "@graft/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { squareAdapter, squareBase } from "../apps/server/test/a-published-adapter.ts";
import { noCeph, startCeph, type CephServer } from "./servers/ceph.ts";

describe.skipIf(noCeph !== undefined)("a registry whose bytes are in a bucket", () => {
  let ceph: CephServer;
  let server: RunningServer;
  let host: string;
  const folder = mkdtempSync(join(tmpdir(), "graft-on-s3-"));
  beforeAll(async () => {
    ceph = await startCeph();
    host = new URL(ceph.endpoint).host;
    server = await startServer({ port: 0, data: join(folder, "registry"), blobs: ceph.freshAddress(), logLevel: "silent" });
    const { registry } = await client("admin");
    await registry.registerBase(base);
  }, 120_000);
  afterAll(async () => {
    await server?.close();
    await ceph?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const base = squareBase(640_000);
  /** 41 MB: three parts. */
  const adapter = async (version: string) => {
    const { bytes, request } = await squareAdapter(base, { name: "@test/square", version, value: Number(version[0]) });
    return {
      bytes,
      digest: request.digest,
      manifest: { ...request.manifest, name: "@test/square", version },
      tensorsDigest: request.tensorsDigest,
    };
  };
  interface Sent {
    readonly method: string;
    readonly host: string;
    readonly path: string;
    readonly isSigned: boolean;
    readonly body: boolean;
  }
  let requests: Sent[] = [];
  const toBucket = (method: string): Sent[] => requests.filter((each) => each.method === method && each.host === host);

  /** A client of its own, whose requests are written down. */
  function client(name: string, through: typeof fetch = fetch) {
    requests = [];
    const environment = { GRAFT_CONFIG: join(folder, name, "config.json") };
    return createClient({
      registry: server.url,
      token: server.token,
      environment,
      cache: join(folder, name, "cache"),
      fetch: async (input, init) => {
        const url = new URL(input as URL);
        const response = await through(input, init);
        const isSigned = new Headers(init?.headers).has("authorization");
        requests.push({
          method: init?.method ?? "GET",
          host: url.host,
          path: url.pathname,
          isSigned,
          body: init?.body instanceof ReadableStream,
        });
        return response;
      },
    });
  }

  test("bytes go straight between client and bucket, in parts, and the token never leaves the registry", async () => {
    const first = await adapter("1.0.0");
    const progress: number[] = [];
    await (await client("one")).publish(first, { progress: (done) => progress.push(done) });
    expect(toBucket("PUT").map(({ isSigned }) => isSigned)).toEqual([false, false, false]);
    expect(requests.filter((each) => each.host !== host && each.body)).toEqual([]);
    expect(progress.at(-1)).toBe(first.bytes.length);
    expect(progress.length).toBeGreaterThan(20);

    const pulled = await (await client("two")).pull("@test/square@1.0.0");
    expect(pulled.record.digest).toBe(first.digest);
    expect(toBucket("GET")).toEqual([
      { method: "GET", host, path: expect.stringContaining(first.digest.slice(7)), isSigned: false, body: false },
    ]);
    // What is known ends at once.
    await (await client("three")).publish(first);
    expect(toBucket("PUT")).toEqual([]);
  });

  test("an upload goes on after its client died, with what the bucket has", async () => {
    const second = await adapter("2.0.0");
    const died = new AbortController();
    let puts = 0;
    let isWhole = (): void => undefined;
    const firstPart = new Promise<void>((resolve) => (isWhole = resolve));
    const dying = await client("dying", async (input, init) => {
      if (new URL(input as URL).host !== host) return await fetch(input, init);
      puts += 1;
      if (puts > 1) {
        await firstPart;
        died.abort();
        throw new Error("dead");
      }
      const response = await fetch(input, init);
      isWhole();
      return response;
    });
    await expect(dying.registry.upload({ ...second, signal: died.signal })).rejects.toMatchObject({ code: "CANCELLED" });
    const whole = 1;
    await (await client("next")).publish(second);
    expect(toBucket("PUT")).toHaveLength(3 - whole);
    expect((await (await client("four")).pull("@test/square@2.0.0")).record.digest).toBe(second.digest);
  });

  test("what asks for no address, such as a page, gets ranges through the registry", async () => {
    const first = await adapter("1.0.0");
    const response = await fetch(`${server.url}/v1/blobs/${first.digest}`, { headers: { range: "bytes=1000-1999" }, redirect: "error" });
    expect([response.status, response.headers.get("content-range")]).toEqual([206, `bytes 1000-1999/${first.bytes.length}`]);
    expect(Buffer.from(await response.arrayBuffer()).equals(first.bytes.subarray(1000, 2000))).toBe(true);
  });

  test("bytes through the registry are hashed as they come, bytes past it are read back, and the answer says which", async () => {
    const { registry } = await client("five");
    const headers = { authorization: `Bearer ${server.token}` };
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    const put = await fetch(`${server.url}/v1/blobs/${digest}`, { method: "PUT", headers, body: bytes });
    expect(await put.json()).toEqual({ status: "stored", digest, size: bytes.length, verified: "received" });
    // Others who had not these bytes must send them: their digest alone is no right.
    const { token } = await registry.createToken({ label: "you", names: ["@you/*"], actions: ["read", "publish"] });
    const you = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    expect((await fetch(`${server.url}/v1/blobs/${digest}`, { method: "HEAD", headers: you })).status).toBe(404);
    const begin = await fetch(`${server.url}/v1/blobs/${digest}/upload`, {
      method: "POST",
      headers: you,
      body: JSON.stringify({ size: bytes.length }),
    });
    const { parts } = (await begin.json()) as { parts: { address: string }[] };
    const finish = () => fetch(`${server.url}/v1/blobs/${digest}/upload/finish`, { method: "POST", headers: you });
    expect((await finish()).status).toBe(416);
    await fetch(parts[0]?.address ?? "", { method: "PUT", body: bytes });
    expect(await (await finish()).json()).toEqual({ status: "stored", digest, size: bytes.length, verified: "read" });
    expect((await fetch(`${server.url}/v1/blobs/${digest}`, { method: "HEAD", headers: you })).status).toBe(200);
    expect((await finish()).status).toBe(404);
  });

  test("other bytes than were promised are refused after they are in the bucket, and none of them is kept", async () => {
    const { bytes } = await adapter("3.0.0");
    const digest: `sha256:${string}` = `sha256:${"3".repeat(64)}`;
    const { registry } = await client("six");
    await expect(registry.upload({ digest, bytes })).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
    expect(toBucket("PUT")).toHaveLength(3);
    expect((await fetch(`${server.url}/v1/blobs/${digest}`, { headers: { authorization: `Bearer ${server.token}` } })).status).toBe(404);
  });
});
