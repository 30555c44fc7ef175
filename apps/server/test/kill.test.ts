import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { routePath, splitName } from "@graft/protocol";
import { expect, test } from "vitest";
import { call, publish, sha256, squareAdapter, squareBase } from "./a-published-adapter.ts";
import { endProcess, startProcess } from "./a-server-process.ts";

const PUBLISHES = 50;
const seed = Number(process.env["GRAFT_TEST_SEED"] ?? Date.now() % 1_000_000);

/** Numbers in [0, 1) from a seed (mulberry32). */
function randomOf(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test(`killed at random moments during ${PUBLISHES} publishes, a server loses nothing that it acknowledged and shows nothing half`, async () => {
  console.log(`kill test: seed ${seed} (set GRAFT_TEST_SEED to repeat it)`);
  const random = randomOf(seed);
  const data = await mkdtemp(join(tmpdir(), "graft-kill-"));
  const base = squareBase(2048);
  const adapters = await Promise.all(
    Array.from({ length: PUBLISHES }, (_, index) =>
      squareAdapter(base, { name: `@acme/a${index % 7}`, version: `1.${index}.0`, value: index + 1 }),
    ),
  );
  let server = await startProcess(data);
  try {
    const token = (await readFile(join(data, "admin-token"), "utf8")).trim();
    const place = () => ({ url: server.url, token });
    await call(place(), routePath("putBase", { digest: base.fingerprint }), { method: "PUT", body: base });

    const acknowledged = new Set<number>();
    const waiting = adapters.map((adapter, index) => ({ adapter, index }));
    let starting: Promise<unknown> = Promise.resolve();
    let kills = 0;
    const workers = Array.from({ length: 3 }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        await starting;
        const response = await publish(place(), next.adapter).catch(() => undefined);
        const answer = response?.ok === true ? await response.json().catch(() => undefined) : undefined;
        if (answer !== undefined) acknowledged.add(next.index);
      }
    });
    const killer = (async () => {
      while (waiting.length > 0) {
        await sleep(random() * 300);
        const exited = endProcess(server, "SIGKILL");
        kills += 1;
        starting = exited.then(async () => (server = await startProcess(data)));
        await starting;
      }
    })();
    await Promise.all([...workers, killer]);
    console.log(`kill test: ${kills} kills, ${acknowledged.size} of ${PUBLISHES} acknowledged`);
    expect(kills).toBeGreaterThan(1);

    let unannounced = 0;
    for (const [index, { name, version, request, bytes }] of adapters.entries()) {
      const response = await call(place(), routePath("getVersion", { ...splitName(name), version }));
      if (acknowledged.has(index)) expect([name, version, response.status]).toEqual([name, version, 200]);
      if (response.status === 200) {
        if (!acknowledged.has(index)) unannounced += 1;
        expect(await response.json()).toMatchObject({ digest: request.digest, size: bytes.length, signatures: [{}] });
        const stored = new Uint8Array(await (await call(place(), routePath("getBlob", { digest: request.digest }))).arrayBuffer());
        expect(sha256(stored)).toBe(request.digest);
      } else expect([name, version, response.status]).toEqual([name, version, 404]);
      expect((await publish(place(), { name, version, request, bytes })).ok).toBe(true);
    }
    console.log(`kill test: ${unannounced} publishes were there though their answer was lost`);
    const folder = join(data, "blobs", "sha256");
    for (const name of await readdir(folder, { recursive: true })) {
      if (name.length > 64) expect(sha256(await readFile(join(folder, name)))).toBe(`sha256:${name.slice(3)}`);
    }
  } finally {
    await endProcess(server);
    await rm(data, { recursive: true });
  }
});
