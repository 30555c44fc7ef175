import type { ServerResponse } from "node:http";
import type { AdapterClient } from "@graft/client";
import {
  consistencyProof,
  createSecretKey,
  firstKeys,
  inclusionProof,
  leafHash,
  openSigningKey,
  signHead,
  toBase64,
  treeRoot,
} from "@graft/trust";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { aLog } from "../../trust/test/log/a-log.ts";
import { squareAdapter, squareBase } from "../../../apps/server/test/a-published-adapter.ts";
import { aClient, aRegistry, temporaryFolder } from "./a-client.ts";
import { hostileMirror, type Trick } from "./hostile-mirror.ts";

const NAME = "@test/square";
const OTHER = "@test/other";
const DAY = 24 * 60 * 60 * 1000;

let registry: Awaited<ReturnType<typeof aRegistry>>;
let mirror: Awaited<ReturnType<typeof hostileMirror>>;
let publisher: AdapterClient;
let cache: string;
beforeAll(async () => {
  registry = await aRegistry();
  mirror = await hostileMirror(registry.server.url);
  publisher = await aClient({ registry: registry.server.url, token: registry.server.token });
  await publish(OTHER, "1.0.0", 7);
});
afterAll(() => mirror.close());
beforeEach(() => {
  mirror.play(undefined);
  cache = temporaryFolder();
});

async function publish(name: string, version: string, value: number): Promise<void> {
  const { bytes, request } = await squareAdapter(squareBase(60_000), { name, version, value });
  await publisher.publish({ bytes, manifest: { ...request.manifest, name, version }, tensorsDigest: request.tensorsDigest });
}

const through = (options: Partial<Parameters<typeof aClient>[0]> = {}) => aClient({ registry: mirror.url, cache, ...options });
const isProof = (url: URL): boolean => url.pathname.endsWith("/proof");
const isRecord = (url: URL): boolean => url.pathname.endsWith("/resolve");

/** Changes the JSON of answers. */
const changing =
  (matches: (url: URL) => boolean, change: (body: Record<string, unknown>, url: URL) => unknown): Trick =>
  async ({ url, upstream }, response) => {
    if (!matches(url)) return false;
    answerJson(response, change((await upstream()).json(), url));
    return true;
  };

/** Sends without end, at full speed or in drops. */
const endless =
  (matches: (url: URL) => boolean, drop: { bytes: number; every: number }): Trick =>
  async ({ url }, response) => {
    if (!matches(url)) return false;
    response.writeHead(200, { "content-type": "application/json" });
    const chunk = Buffer.alloc(drop.bytes, " ");
    const send = (): void => {
      if (response.closed || response.socket?.destroyed === true) return;
      if (drop.every > 0) response.write(chunk, () => setTimeout(send, drop.every));
      else if (response.write(chunk)) setImmediate(send);
      else response.once("drain", send);
    };
    send();
    return true;
  };

function answerJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** Answers with what was recorded earlier, where something was. */
function replaying(recorded: ReadonlyMap<string, Buffer>, matches: (url: URL) => boolean = () => true): Trick {
  return async ({ url }, response) => {
    const body = matches(url) ? recorded.get(requestOf(url)) : undefined;
    if (body === undefined) return false;
    response.writeHead(200, { "content-type": "application/json" }).end(body);
    return true;
  };
}

/** Records what passes. */
function recording(recorded: Map<string, Buffer>): Trick {
  return async ({ url, upstream }, response) => {
    if (url.pathname.startsWith("/v1/blobs")) return false;
    const { body } = await upstream();
    recorded.set(requestOf(url), body);
    response.writeHead(200, { "content-type": "application/json" }).end(body);
    return true;
  };
}

/** A request whatever is remembered. */
function requestOf(url: URL): string {
  const query = new URLSearchParams(url.search);
  query.delete("since");
  return `${url.pathname}?${query.toString()}`;
}

/** A refusal: its code, and that it says what to do and leaves nothing to load. */
async function refused(pull: Promise<unknown>, code: string): Promise<void> {
  await expect(pull).rejects.toMatchObject({ code, hint: expect.stringMatching(/\w{4}/) });
}

test("an honest mirror is of no consequence", async () => {
  const client = await through();
  await expect(client.pull(NAME)).resolves.toMatchObject({ record: { name: NAME } });
  await expect(client.pull(`${NAME}@^1`)).resolves.toMatchObject({ cached: true });
});

test("signatures that were stripped are refused, of the version, of its tag and of the log alike", async () => {
  mirror.play(changing(isRecord, (record) => ({ ...record, signatures: [] })));
  await refused((await through()).pull(NAME), "SIGNATURE_INVALID");
  mirror.play(changing(isProof, (proof) => ({ ...proof, resolution: undefined })));
  await refused((await through()).pull(NAME), "SIGNATURE_INVALID");
  mirror.play(changing(isProof, (proof) => ({ ...proof, resolution: { ...(proof["resolution"] as object), signatures: [] } })));
  await refused((await through()).pull(NAME), "SIGNATURE_INVALID");
  mirror.play(changing(isProof, (proof) => ({ ...proof, checkpoint: String(proof["checkpoint"]).replace(/—.*/, "") })));
  await refused((await through()).pull(NAME), "SIGNATURE_INVALID");
});

test("a proof that was left out, or that proves something else, is refused", async () => {
  mirror.play(async ({ url }, response) => {
    if (!isProof(url)) return false;
    response
      .writeHead(404, { "content-type": "application/json" })
      .end(JSON.stringify({ error: { code: "NOT_FOUND", message: "Cannot find it" } }));
    return true;
  });
  await refused((await through()).pull(NAME), "NOT_IN_LOG");
  mirror.play(changing(isProof, (proof) => ({ ...proof, inclusion: (proof["inclusion"] as string[]).toReversed().slice(1) })));
  await refused((await through()).pull(NAME), "NOT_IN_LOG");
  mirror.play(async ({ url, upstream }, response) => {
    if (!isProof(url)) return false;
    const own = (await upstream()).json();
    const others = (await upstream("/v1/adapters/test/other/versions/1.0.0/proof?wanted=latest")).json();
    answerJson(response, { ...others, resolution: own["resolution"] });
    return true;
  });
  await refused((await through()).pull(NAME), "NOT_IN_LOG");
});

test("two packages that were swapped are refused, whatever of them is swapped", async () => {
  mirror.play(async ({ url, upstream }, response) => {
    if (!url.pathname.includes("/adapters/")) return false;
    answerJson(response, (await upstream((url.pathname + url.search).replace("/square/", "/other/"))).json());
    return true;
  });
  await refused((await through()).pull(NAME), "NAME_MISMATCH");
  const [own, others] = await Promise.all([NAME, OTHER].map((name) => publisher.registry.resolve(name, { range: "latest" })));
  mirror.play(async ({ url, upstream }, response) => {
    if (decodeURIComponent(url.pathname) !== `/v1/blobs/${own?.digest}`) return false;
    response.writeHead(200).end((await upstream(`/v1/blobs/${others?.digest}`)).body);
    return true;
  });
  await refused((await through()).pull(NAME), own?.size === others?.size ? "DIGEST_MISMATCH" : "LIMIT_EXCEEDED");
});

test("a tag that is replayed from before is refused, by those who saw nothing newer too", async () => {
  const recorded = new Map<string, Buffer>();
  mirror.play(recording(recorded));
  await (await through()).pull(NAME);
  await publish(NAME, "1.1.0", 3);
  const old = recorded.get(requestOf(new URL(`${registry.server.url}/v1/adapters/test/square/versions/1.0.0/proof?wanted=latest`)));
  // The record of the old version, what was signed of the tag then, and all else as of now.
  mirror.play(async ({ url, upstream }, response) => {
    if (isRecord(url)) answerJson(response, (await upstream("/v1/adapters/test/square/versions/1.0.0")).json());
    else if (isProof(url))
      answerJson(response, { ...(await upstream()).json(), resolution: (JSON.parse(String(old)) as { resolution: unknown }).resolution });
    else return false;
    return true;
  });
  cache = temporaryFolder();
  await refused((await through()).pull(NAME), "TAG_REPLAYED");
  // Everything as it was then, for somebody who has seen more.
  cache = temporaryFolder();
  mirror.play(undefined);
  await (await through()).pull(NAME);
  mirror.play(replaying(recorded));
  await refused((await through()).pull(NAME), "LOG_SHRUNK");
});

test("time that is frozen runs out after a day, unless more is accepted", async () => {
  const recorded = new Map<string, Buffer>();
  mirror.play(recording(recorded));
  await (await through()).pull(NAME);
  mirror.play(replaying(recorded));
  await expect((await through({ clock: () => Date.now() + 0.9 * DAY })).pull(NAME)).resolves.toMatchObject({ cached: true });
  await refused((await through({ clock: () => Date.now() + 1.1 * DAY })).pull(NAME), "VIEW_EXPIRED");
  await refused((await through({ clock: () => Date.now() - DAY })).pull(NAME), "VIEW_EXPIRED");
  await expect((await through({ clock: () => Date.now() + 1.1 * DAY, maxAgeHours: 48 })).pull(NAME)).resolves.toMatchObject({
    cached: true,
  });
});

test.each([
  ["of JSON at full speed", isRecord, { bytes: 1 << 16, every: 0 }, "LIMIT_EXCEEDED"],
  ["of JSON in drops", isProof, { bytes: 1, every: 20 }, "TOO_SLOW"],
  ["of a blob at full speed", (url: URL) => url.pathname.startsWith("/v1/blobs"), { bytes: 1 << 16, every: 0 }, "LIMIT_EXCEEDED"],
  ["of a blob in drops", (url: URL) => url.pathname.startsWith("/v1/blobs"), { bytes: 1, every: 20 }, "TOO_SLOW"],
  ["of errors", () => true, { bytes: 1 << 16, every: 0 }, "LIMIT_EXCEEDED"],
] as const)("a stream without end is given up: %s", async (_, matches, drop, code) => {
  mirror.play(endless(matches, drop));
  const patience = { answerSeconds: 0.5, answerBytes: 1 << 20, idleSeconds: 0.3, minimumBytesPerSecond: 10_000 };
  await refused(
    (await through({ patience: code === "TOO_SLOW" ? patience : { ...patience, answerSeconds: 20, idleSeconds: 20 } })).pull(NAME),
    code,
  );
});

test("a registry that signs two histories is caught by whoever saw one of them", async () => {
  // One log of a registry whose key the mirror has: the client is shown three entries first, then another four.
  const key = await openSigningKey(await createSecretKey());
  const { origin } = firstKeys(key.public);
  const record = await publisher.registry.resolve(OTHER, { range: "latest" });
  const { kind, ...statement } = record.statement;
  const entry = { text: JSON.stringify({ ...statement, kind: "publish" }) };
  const leaf = new TextEncoder().encode(entry.text);
  const shown = async (leaves: readonly string[], since: number): Promise<object> => {
    const all = [leaf, ...leaves.map((text) => new TextEncoder().encode(text))];
    const log = await aLog(all);
    const resolution = { kind: "graft-resolution-1", name: OTHER, wanted: "latest", version: "1.0.0", size: all.length };
    expect(await leafHash(leaf)).toHaveLength(32);
    return {
      checkpoint: await signHead({ origin, size: all.length, root: await treeRoot(all.length, log), time: Date.now() }, key),
      consistency: { from: since, hashes: (await consistencyProof(since, all.length, log)).map(toBase64) },
      entry: { ...entry, position: 0 },
      inclusion: (await inclusionProof(0, all.length, log)).map(toBase64),
      resolution: { statement: resolution, signatures: [await key.sign(resolution)] },
    };
  };
  const signed = { ...record, signatures: [await key.sign(record.statement)] };
  expect(kind).toBe("graft-version-1");
  let leaves: string[] = ["one", "two"];
  mirror.play(async ({ url }, response) => {
    const since = Number(url.searchParams.get("since") ?? 0);
    if (url.pathname === "/v1/keys")
      answerJson(response, { keys: [{ ...key.public, algorithm: "ed25519", createdAt: record.publishedAt }], rotations: [] });
    else if (isRecord(url)) answerJson(response, signed);
    else if (isProof(url)) answerJson(response, await shown(leaves, since));
    else return false;
    return true;
  });
  await (await through()).pull(OTHER);
  leaves = ["one", "two", "three"];
  await (await through()).pull(OTHER);
  leaves = ["one", "another", "three", "four"];
  await refused((await through()).pull(OTHER), "LOG_FORKED");
  leaves = ["one", "another", "three"];
  await refused((await through()).pull(OTHER), "LOG_FORKED");
  leaves = ["one"];
  await refused((await through()).pull(OTHER), "LOG_SHRUNK");
  leaves = ["one", "two", "three", "four"];
  await (await through()).pull(OTHER);
});

test("the registry's key that was replaced by another is refused by whoever saw the first", async () => {
  await (await through()).pull(NAME);
  const stranger = await openSigningKey(await createSecretKey());
  mirror.play(async ({ url, upstream }, response) => {
    if (url.pathname === "/v1/keys")
      answerJson(response, { keys: [{ ...stranger.public, algorithm: "ed25519", createdAt: "2026-01-01T00:00:00.000Z" }], rotations: [] });
    else if (isRecord(url)) {
      const record = (await upstream()).json() as unknown as { statement: object };
      answerJson(response, { ...record, signatures: [await stranger.sign(record.statement)] });
    } else return false;
    return true;
  });
  await refused((await through()).pull(NAME), "KEY_CHANGED");
});
