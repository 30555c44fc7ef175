import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@graft/client/node";
import { KeyList } from "@graft/protocol";
import { readSettings, rotateKey, startServer, type RunningServer } from "@graft/server";
import { createSecretKey } from "@graft/trust";
import { afterEach, beforeEach, expect, test } from "vitest";
import { squareAdapter, squareBase } from "./a-published-adapter.ts";

const NAME = "@test/square";

let folder: string;
let server: RunningServer;
let token: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "graft-rotate-"));
  server = await start(0);
  token = server.token ?? "";
  await publish("1.0.0");
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const start = (port: number): Promise<RunningServer> => startServer({ data: join(folder, "data"), port, logLevel: "silent" });
const rotate = (revoked = false) => rotateKey({ ...readSettings({}), data: join(folder, "data") }, { revoked });
/** Starts again where it was, so that clients know it. */
async function restart(): Promise<void> {
  const port = Number(new URL(server.url).port);
  await server.close();
  server = await start(port);
}
const client = (name: string) =>
  createClient({ registry: server.url, token, cache: join(folder, name), environment: { GRAFT_CONFIG: join(folder, "config.json") } });

async function publish(version: string): Promise<void> {
  const publisher = await client("publisher");
  const base = squareBase(64);
  await publisher.registry.registerBase(base);
  const { bytes, request } = await squareAdapter(base, { name: NAME, version, value: Number(version[0]) });
  await publisher.publish({ bytes, manifest: { ...request.manifest, name: NAME, version }, tensorsDigest: request.tensorsDigest });
}

test("clients follow one change of keys after the other, what was signed before stays good, and a new client needs no past", async () => {
  await (await client("early")).pull(NAME);
  const numbers = [];
  for (const version of ["2.0.0", "3.0.0"]) {
    numbers.push((await rotate()).number);
    await restart();
    await publish(version);
  }
  expect(numbers).toEqual([2, 3]);
  for (const name of ["early", "new"])
    for (const version of ["1.0.0", "2.0.0", "3.0.0"])
      await expect((await client(name)).pull(`${NAME}@${version}`)).resolves.toMatchObject({ record: { version } });
  const { keys, rotations } = KeyList.parse(await (await fetch(`${server.url}/v1/keys`)).json());
  expect([keys.length, rotations.length]).toEqual([3, 2]);
});

test("a server that still has the old key signs nothing after the change", async () => {
  await rotate();
  await expect(publish("2.0.0")).rejects.toMatchObject({ code: "CONFLICT" });
  await new Promise((resolve) => setTimeout(resolve, 10));
  await restart();
  await publish("2.0.0");
  await (await client("any")).pull(`${NAME}@2.0.0`);
});

test("a revoked key proves what stood in the log before, and nothing after", async () => {
  await (await client("early")).pull(NAME);
  const stolen = await readFile(join(folder, "data", "signing-key"), "utf8");
  await rotate(true);
  await restart();
  await expect((await client("early")).pull(`${NAME}@1.0.0`)).resolves.toMatchObject({ record: { version: "1.0.0" } });
  await publish("2.0.0");
  const { openSigningKey } = await import("@graft/trust");
  const thief = await openSigningKey(stolen);
  const forging: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    if (!String(input).includes("/resolve")) return answer;
    const record = (await answer.json()) as { statement: object };
    return Response.json({ ...record, signatures: [await thief.sign(record.statement)] });
  };
  const through = await createClient({ registry: server.url, token, cache: join(folder, "early"), environment: {}, fetch: forging });
  await expect(through.pull(`${NAME}@2.0.0`)).rejects.toMatchObject({
    code: "SIGNATURE_INVALID",
    message: expect.stringContaining("revoked"),
  });
});

test("a chain with a link left out, or signed by somebody else, is refused", async () => {
  await (await client("early")).pull(NAME);
  await rotate();
  await rotate();
  await restart();
  await publish("2.0.0");
  const changed =
    (change: (list: KeyList) => unknown): typeof fetch =>
    async (input, init) => {
      const answer = await fetch(input, init);
      return String(input).endsWith("/v1/keys") ? Response.json(change(KeyList.parse(await answer.json()))) : answer;
    };
  for (const change of [
    (list: KeyList) => ({ ...list, rotations: list.rotations.slice(1) }),
    (list: KeyList) => ({ ...list, rotations: [] }),
    (list: KeyList) => ({
      ...list,
      rotations: list.rotations.map((rotation) => ({ ...rotation, signatures: rotation.signatures.slice(1) })),
    }),
    (list: KeyList) => ({
      ...list,
      rotations: list.rotations.map((rotation) => ({ ...rotation, statement: { ...rotation.statement, revoked: true } })),
    }),
  ]) {
    for (const name of ["early", `new-${Math.random()}`]) {
      const through = await createClient({ registry: server.url, cache: join(folder, name), environment: {}, fetch: changed(change) });
      await expect(through.pull(NAME)).rejects.toMatchObject({ code: "KEY_CHANGED", hint: expect.stringContaining("Do not use") });
    }
  }
});

test("a change that was cut short is finished or undone by the next start", async () => {
  const file = join(folder, "data", "signing-key");
  // Cut before the log had it: the key that was made for nothing goes.
  await writeFile(`${file}.next`, await createSecretKey());
  await restart();
  await publish("2.0.0");
  await expect(readFile(`${file}.next`)).rejects.toMatchObject({ code: "ENOENT" });
  // Cut after the log had it: the new key takes its place.
  const old = await readFile(file, "utf8");
  await rotate();
  await rename(file, `${file}.next`);
  await writeFile(file, old);
  await restart();
  await publish("3.0.0");
  // Another key altogether is no key of this registry.
  await server.close();
  await writeFile(file, await createSecretKey());
  await expect(start(0)).rejects.toMatchObject({ code: "CONFLICT", hint: expect.stringContaining("GRAFT_SIGNING_KEY_FILE") });
  await writeFile(file, old);
  await expect(start(0)).rejects.toMatchObject({ code: "CONFLICT" });
  server = { url: "", tokenFile: "", close: async () => undefined } as RunningServer;
});
