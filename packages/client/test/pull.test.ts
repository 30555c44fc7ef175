import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BlobCache } from "@graft/client/node";
import { createSecretKey, openSigningKey, versionStatement } from "@graft/trust";
import { beforeAll, expect, test } from "vitest";
import { aClient, aRegistry, temporaryFolder } from "./a-client.ts";
import { cuttingProxy } from "./cutting-proxy.ts";

let registry: Awaited<ReturnType<typeof aRegistry>>;
beforeAll(async () => {
  registry = await aRegistry();
});

const NAME = "@test/square";
const files = (cache: string, folder: string): string[] => {
  try {
    return readdirSync(join(cache, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
  } catch {
    return [];
  }
};
/** A fetch that changes the JSON of some answers. */
const changing =
  (path: RegExp, change: (body: Record<string, unknown>) => unknown): typeof fetch =>
  async (input, init) => {
    const response = await fetch(input, init);
    if (!path.test(String(input))) return response;
    return Response.json(await change((await response.json()) as Record<string, unknown>));
  };

test("an adapter is fetched once, verified and then found in the cache", async () => {
  const cache = temporaryFolder();
  const client = await aClient({ registry: registry.server.url, cache });
  const first = await client.pull(`${NAME}@^1`);
  expect(first).toMatchObject({ cached: false, record: { version: "1.0.0", digest: registry.published.digest } });
  expect(Buffer.compare(await readFile(first.path), registry.published.bytes)).toBe(0);
  expect(await client.pull(NAME)).toMatchObject({ cached: true, path: first.path });
  expect(files(cache, "partial")).toEqual([]);
});

test("a damaged entry of the cache is fetched again", async () => {
  const cache = temporaryFolder();
  const client = await aClient({ registry: registry.server.url, cache });
  const { path } = await client.pull(NAME);
  await writeFile(path, "damaged");
  expect(await client.pull(NAME)).toMatchObject({ cached: false, path });
  expect(Buffer.compare(await readFile(path), registry.published.bytes)).toBe(0);
});

test("a download goes on where its connection broke", async () => {
  const proxy = await cuttingProxy(registry.server.url, { direction: "down", after: 1_000_000, cuts: 3 });
  const seen: number[] = [];
  const client = await aClient({ registry: proxy.url });
  const { path } = await client.pull(NAME, { progress: (done) => seen.push(done) });
  await proxy.close();
  expect(proxy.cut()).toBe(3);
  expect(seen).toEqual(seen.toSorted((left, right) => left - right));
  expect(Buffer.compare(await readFile(path), registry.published.bytes)).toBe(0);
});

test("a download that was given up is gone on with by the next pull", async () => {
  const cache = temporaryFolder();
  const stop = new AbortController();
  const client = await aClient({ registry: registry.server.url, cache });
  await expect(client.pull(NAME, { signal: stop.signal, progress: (done) => done > 500_000 && stop.abort() })).rejects.toMatchObject({
    code: "CANCELLED",
  });
  expect(files(cache, "partial")).toHaveLength(1);
  const seen: number[] = [];
  await client.pull(NAME, { progress: (done) => seen.push(done) });
  expect(seen[0]).toBeGreaterThan(500_000);
  expect(files(cache, "partial")).toEqual([]);
});

test("two clients of one process and two other processes share a cache", async () => {
  const cache = temporaryFolder();
  const script = join(import.meta.dirname, "pull-process.ts");
  const children = [1, 2].map(() =>
    spawn(process.execPath, ["--conditions=@graft/source", script, registry.server.url, NAME, cache], {
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  const printed = children.map(async (child) => {
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    expect((await once(child, "close"))[0]).toBe(0);
    return text.trim();
  });
  const own = await Promise.all([1, 2].map(async () => (await (await aClient({ registry: registry.server.url, cache })).pull(NAME)).path));
  expect(new Set([...own, ...(await Promise.all(printed))]).size).toBe(1);
  expect(Buffer.compare(await readFile(own[0] ?? ""), registry.published.bytes)).toBe(0);
  expect(files(cache, "partial")).toEqual([]);
});

test("wrong bytes are refused and nothing is left of them", async () => {
  for (const [code, change] of [
    ["DIGEST_MISMATCH", (bytes: Uint8Array) => bytes.fill(1, 5000, 5001)],
    ["LIMIT_EXCEEDED", (bytes: Uint8Array) => new Uint8Array([...bytes.subarray(0, 4000), 1, 2, ...bytes.subarray(4000)])],
  ] as const) {
    const cache = temporaryFolder();
    const client = await aClient({
      registry: registry.server.url,
      cache,
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        return String(input).includes("/blobs/")
          ? new Response(change(new Uint8Array(await response.arrayBuffer())) as Uint8Array<ArrayBuffer>)
          : response;
      },
    });
    await expect(client.pull(NAME)).rejects.toMatchObject({ code });
    expect([...files(cache, "partial"), ...files(cache, "blobs")]).toEqual([]);
  }
});

test("a download that is discarded leaves nothing", async () => {
  const cache = temporaryFolder();
  const partial = await new BlobCache(cache).open(registry.published.digest);
  await partial.write(new Uint8Array(100));
  await partial.discard();
  expect(files(cache, "partial")).toEqual([]);
});

test("a record that nobody trusted signed is refused before a byte of it is fetched", async () => {
  const cache = temporaryFolder();
  await (await aClient({ registry: registry.server.url, cache })).pull(NAME);
  await rm(join(cache, "blobs"), { recursive: true });
  const stranger = await openSigningKey(await createSecretKey());
  const asked: string[] = [];
  const forged = changing(/resolve/, async (record) => {
    const { version, base } = record as { version: string; base: `sha256:${string}` };
    return {
      ...record,
      signatures: [await stranger.sign(versionStatement({ name: NAME, version, digest: registry.published.digest, base }))],
    };
  });
  const watched: typeof fetch = (input, init) => {
    asked.push(String(input));
    return forged(input, init);
  };
  // Also a registry that now shows the stranger's key: the first one is pinned.
  const showing = changing(/\/v1\/keys/, () => ({
    keys: [{ ...stranger.public, algorithm: "ed25519", createdAt: "2026-01-01T00:00:00.000Z" }],
    rotations: [],
  }));
  const client = await aClient({
    registry: registry.server.url,
    cache,
    fetch: (input, init) => (/\/v1\/keys/.test(String(input)) ? showing(input, init) : watched(input, init)),
  });
  await expect(client.pull(NAME)).rejects.toMatchObject({ code: "KEY_CHANGED", hint: expect.stringContaining("known-registries.json") });
  expect(asked.filter((url) => url.includes("/blobs/"))).toEqual([]);
  expect(files(cache, "blobs")).toEqual([]);
});

test.each([
  ["another digest", { digest: `sha256:${"0".repeat(64)}` }, "SIGNATURE_INVALID"],
  ["another base", { base: `sha256:${"0".repeat(64)}` }, "SIGNATURE_INVALID"],
  ["another name", { name: "@test/other" }, "NAME_MISMATCH"],
  ["another version", { version: "1.0.1" }, "NOT_IN_LOG"],
  ["no signature", { signatures: [] }, "SIGNATURE_INVALID"],
])("a signed record that was changed is refused: %s", async (_, change, code) => {
  const client = await aClient({
    registry: registry.server.url,
    fetch: changing(/resolve/, (record) => ({ ...record, ...change })),
  });
  await expect(client.pull(`${NAME}@^1`)).rejects.toMatchObject({ code });
});

test("a version outside of the range that was asked for is refused", async () => {
  const client = await aClient({
    registry: registry.server.url,
    fetch: (input, init) => fetch(String(input).replace(/range=[^&]+/, "range=latest"), init),
  });
  await expect(client.pull(`${NAME}@^3`)).rejects.toMatchObject({
    code: "NAME_MISMATCH",
    message: expect.stringContaining('1.0.0 is not in "^3"'),
  });
});
