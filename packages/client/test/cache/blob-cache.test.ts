import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { BlobCache, openCache, parseSize } from "@graft/client/node";
import { writeFileWhole } from "@graft/files";
import { expect, test } from "vitest";
import { temporaryFolder } from "../a-client.ts";

const bytesOf = (text: string, size = 1000): Uint8Array => new Uint8Array(size).fill(text.charCodeAt(0));
const digestOf = (bytes: Uint8Array): `sha256:${string}` => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** Puts a blob into a cache from a process that is over afterwards, as far as leases go. */
async function put(folder: string, bytes: Uint8Array, options: { used?: Date; limit?: number } = {}): Promise<`sha256:${string}`> {
  const digest = digestOf(bytes);
  const script = join(import.meta.dirname, "put-process.ts");
  const child = spawn(process.execPath, ["--conditions=@graft/source", script, folder, String(options.limit ?? 1e9), digest], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(bytes);
  let path = "";
  child.stdout.on("data", (chunk: Buffer) => (path += chunk.toString()));
  expect((await once(child, "close"))[0]).toBe(0);
  if (options.used !== undefined) await utimes(path.trim(), options.used, options.used);
  return digest;
}

const ago = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);

test("the longest unused entries go first, down to the limit", async () => {
  const folder = temporaryFolder();
  const [a, b, c] = [
    await put(folder, bytesOf("a"), { used: ago(30) }),
    await put(folder, bytesOf("b"), { used: ago(20) }),
    await put(folder, bytesOf("c"), { used: ago(10) }),
  ];
  const cache = new BlobCache(folder);
  expect((await cache.entries()).map(({ digest }) => digest)).toEqual([a, b, c]);
  expect(await cache.prune({ limit: 2000 })).toEqual({ removed: [a], freed: 1000, kept: 2000, inUse: [] });
  expect(await cache.prune({ unusedFor: 15 * 60_000 })).toMatchObject({ removed: [b], kept: 1000 });
  expect(await cache.prune()).toMatchObject({ removed: [], kept: 1000 });
});

test("looking an entry up makes it the last to go", async () => {
  const folder = temporaryFolder();
  const [a, b] = [await put(folder, bytesOf("a"), { used: ago(30) }), await put(folder, bytesOf("b"), { used: ago(20) })];
  await put(folder, bytesOf("c"), { used: ago(10) });
  await findInOtherProcess(folder, a);
  expect(await new BlobCache(folder).prune({ limit: 2000 })).toMatchObject({ removed: [b] });
});

test("a download that takes the cache over its limit evicts what nobody uses", async () => {
  const folder = temporaryFolder();
  const a = await put(folder, bytesOf("a"), { used: ago(30) });
  const b = await put(folder, bytesOf("b"), { limit: 1500 });
  expect((await new BlobCache(folder).entries()).map(({ digest }) => digest)).toEqual([b]);
  expect(await new BlobCache(folder).find(a)).toBeUndefined();
});

async function findInOtherProcess(folder: string, digest: string): Promise<void> {
  const reader = readingProcess(folder, [digest], 1);
  expect(await reader.ended).toBe(0);
}

/** A process that looks entries up and reads them, `rounds` times, and fails when one that it was given cannot be read. */
function readingProcess(
  folder: string,
  digests: readonly string[],
  rounds: number,
): { ended: Promise<number>; lines: AsyncIterator<string> } {
  const script = join(import.meta.dirname, "read-process.ts");
  const child = spawn(process.execPath, ["--conditions=@graft/source", script, folder, String(rounds), ...digests], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { ended: once(child, "close").then(([code]) => code as number), lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
}

test("what a process was given stays until it ends, however often others prune", async () => {
  const folder = temporaryFolder();
  const blobs = Array.from({ length: 20 }, (_, index) => bytesOf(String.fromCharCode(65 + index), 200_000));
  const digests: string[] = [];
  for (const bytes of blobs) digests.push(await seed(folder, bytes));
  const readers = [1, 2].map(() => readingProcess(folder, digests, 30));
  await Promise.all(readers.map(({ lines }) => lines.next()));
  const reading = { on: true };
  const all = Promise.all(readers.map(({ ended }) => ended)).finally(() => (reading.on = false));
  let rounds = 0;
  for (; reading.on; rounds++) {
    await new BlobCache(folder).prune({ limit: 0 });
    // What went is there again for whoever asks next, as a download would put it.
    await Promise.all(blobs.map((bytes) => seed(folder, bytes)));
  }
  expect(await all).toEqual([0, 0]);
  expect(rounds).toBeGreaterThan(3);
  expect(await new BlobCache(folder).prune({ limit: 0 })).toMatchObject({ kept: 0, inUse: [] });
});

/** Puts a blob there without a lease, as an earlier process did. */
async function seed(folder: string, bytes: Uint8Array): Promise<string> {
  const digest = digestOf(bytes);
  const digits = digest.slice("sha256:".length);
  const path = join(folder, "blobs/sha256", digits.slice(0, 2), digits.slice(2));
  if (!existsSync(path)) {
    await mkdir(join(path, ".."), { recursive: true });
    await writeFileWhole(path, bytes);
  }
  return digest;
}

test("verify finds every damaged entry and removes it alone", async () => {
  const folder = temporaryFolder();
  const [a, b] = [await put(folder, bytesOf("a")), await put(folder, bytesOf("b"))];
  const cache = new BlobCache(folder);
  const { path = "" } = (await cache.entries()).find(({ digest }) => digest === a) ?? {};
  const bytes = await readFile(path);
  bytes[500] = 0;
  await writeFile(path, bytes);
  expect(await cache.find(a)).toBeUndefined();
  expect(await cache.verify()).toEqual({ entries: 2, bytes: 2000, damaged: [a] });
  expect(await cache.verify()).toEqual({ entries: 1, bytes: 1000, damaged: [] });
  expect(await cache.find(b)).toBeDefined();
});

test("prune removes downloads of processes that are over, and leaves those that run", async () => {
  const folder = temporaryFolder();
  const cache = new BlobCache(folder);
  const running = await cache.open(digestOf(bytesOf("r")));
  await running.write(new Uint8Array(10));
  const left = join(folder, "partial", `${"0".repeat(64)}.${readdirSync(join(folder, "partial"))[0]?.split(".")[1]}.999999999.abcd`);
  await writeFile(left, new Uint8Array(300));
  expect(await cache.prune()).toMatchObject({ freed: 300 });
  expect(readdirSync(join(folder, "partial"))).toHaveLength(1);
  await running.discard();
});

test.each([
  ["500MB", 5e8],
  ["1.5 gb", 1.5e9],
  ["2000", 2000],
])("the size %s is %d bytes", (text, bytes) => {
  expect(parseSize(text, "--size")).toBe(bytes);
});

test("a size that is none is refused, also in the environment", () => {
  expect(() => parseSize("much", "--size")).toThrow('Cannot read --size "much"');
  expect(() => openCache({ environment: { GRAFT_CACHE_SIZE: "10 lightyears" } })).toThrow(expect.objectContaining({ code: "USAGE" }));
});
