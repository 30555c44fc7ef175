import { createHash } from "node:crypto";
import { routePath, SearchResponse } from "@graft/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aRegistry, type TestRegistry } from "./a-registry.ts";
import { aBase, anAdapter, publishTo } from "./an-adapter.ts";

let registry: TestRegistry;
beforeEach(async () => {
  registry = await aRegistry();
});
afterEach(() => registry.close());

const code = async (response: Response): Promise<string | number> =>
  response.ok ? response.status : ((await response.json()) as { error: { code: string } }).error.code;

async function aToken(names: readonly string[], actions: readonly string[]): Promise<string> {
  const response = await registry.send("POST", "/v1/tokens", { body: { label: "test", names, actions } });
  return ((await response.json()) as { token: string }).token;
}

/** Every way to learn of an adapter: what it answers when the adapter is there for the sender, and when it is not. */
async function waysToLearn(name: string): Promise<Record<string, (token: string | null) => Promise<boolean>>> {
  const { request, path } = await anAdapter({ name });
  const adapter = `/v1/adapters/${name.slice(1)}`;
  const answers = async (token: string | null, url: string): Promise<boolean> => {
    const response = await registry.send("GET", url, { token });
    if (response.status !== 200) expect([url, response.status]).toEqual([url, 404]);
    else await response.body?.cancel();
    return response.ok;
  };
  const mentions = async (token: string | null, send: () => Promise<Response>, text = name): Promise<boolean> => {
    const response = await send();
    expect(response.status).toBe(200);
    return (await response.text()).includes(`"${text}"`);
  };
  const base = aBase();
  const find = (body: object) => (token: string | null) => mentions(token, () => registry.send("POST", "/v1/find", { body, token }));
  const get = (url: string) => (token: string | null) => mentions(token, () => registry.send("GET", url, { token }));
  return {
    "the adapter": (token) => answers(token, adapter),
    "a version": (token) => answers(token, path),
    "a range": (token) => answers(token, `${adapter}/resolve?range=%5E1`),
    tags: (token) => answers(token, `${adapter}/tags`),
    "the bytes": (token) => answers(token, `/v1/blobs/${request.digest}`),
    "that the bytes are there": async (token) => (await registry.send("HEAD", `/v1/blobs/${request.digest}`, { token })).ok,
    "the digest of the file": get(`/v1/digests/${request.digest}`),
    "the digest of the tensors": get(`/v1/digests/${request.tensorsDigest}`),
    "the Hub's description": (token) => answers(token, `/hf/api/models${name.replace("@", "/")}`),
    "the Hub's list": (token) => mentions(token, () => registry.send("GET", "/hf/api/models?search=spam", { token }), name.slice(1)),
    "the Hub's file": async (token) =>
      (await registry.send("HEAD", `/hf${name.replace("@", "/")}/resolve/main/adapter_model.safetensors`, { token })).ok,
    "what the Hub has of it": (token) => answers(token, `/hf/api/models${name.replace("@", "/")}/tree/main`),
    "the Hub's branches": (token) => answers(token, `/hf/api/models${name.replace("@", "/")}/refs`),
    "the Hub's commits": (token) => answers(token, `/hf/api/models${name.replace("@", "/")}/commits/main`),
    "npm's package": (token) => answers(token, `/npm/${name.replace("/", "%2f")}`),
    "npm's version": (token) => answers(token, `/npm/${name}/1.0.0`),
    "npm's bytes": (token) => answers(token, `/npm/${name}/-/${name.slice(name.indexOf("/") + 1)}-1.0.0.tgz`),
    "its downloads": (token) => answers(token, `${adapter}/downloads`),
    "its place in the log": (token) => answers(token, `${path}/proof`),
    "leaves of the log": async (token) => {
      const leaves = await registry.send("GET", "/v1/log/tile/entries/000.p/2", { token });
      expect(leaves.status).toBe(200);
      // Strangers see that something happened; those who may read it have the proof above.
      return (await leaves.text()).includes(name) || answers(token, `${path}/proof`);
    },
    "many ranges at once": (token) =>
      mentions(token, () => registry.send("POST", routePath("resolveAll", {}), { token, body: { asked: [{ name, wanted: "^1" }] } })),
    "counts of a search": async (token) => {
      const found = SearchResponse.parse(await (await registry.send("GET", "/v1/search?q=spam&facets=true", { token })).json());
      const counts = Object.values(found.facets ?? {}).flat();
      expect(counts.length > 0).toBe(found.total.count > 0);
      return found.total.count > 0;
    },
    search: get("/v1/search?q=spam"),
    "search for nothing": get("/v1/search"),
    "the base": find({ fingerprint: base.fingerprint }),
    "the base's file": find({ fileDigest: base.files[0]?.digest }),
    "the base's matrices": find({ matrices: base.matrices.map(({ digest }) => digest) }),
  };
}

const PATTERNS = [
  ["*"],
  ["@acme/*"],
  ["@acme/spam"],
  ["@acme/spa"],
  ["@acme/other"],
  ["@acm/*"],
  ["@acme-x/*"],
  ["@other/*", "@acme/spam"],
];
const ACTIONS = [["read"], ["publish"], ["admin"], ["read", "publish"], ["publish", "admin"], ["read", "publish", "admin"]];

describe.each(["public", "private"] as const)("a %s adapter", (access) => {
  test("is there for those who may read it, and not there for anybody else, whatever is asked", async () => {
    await publishTo(registry, { name: "@acme/spam", access });
    const ways = await waysToLearn("@acme/spam");
    const isPublic = access === "public";
    for (const [way, learns] of Object.entries(ways)) expect([way, "nobody", await learns(null)]).toEqual([way, "nobody", isPublic]);
    for (const names of PATTERNS) {
      const covers = names.some((name) => ["*", "@acme/*", "@acme/spam"].includes(name));
      for (const actions of ACTIONS) {
        const token = await aToken(names, actions);
        const expected = isPublic || (covers && actions.includes("read"));
        for (const [way, learns] of Object.entries(ways))
          expect([way, names, actions, await learns(token)]).toEqual([way, names, actions, expected]);
      }
    }
  });
});

test("what is refused says nothing of a private adapter: its answers are those of one that never was", async () => {
  await publishTo(registry, { name: "@acme/spam", access: "private" });
  const token = await aToken(["@other/*"], ["read", "publish"]);
  const { request } = await anAdapter({ name: "@acme/spam" });
  const same = async (method: string, [there, absent]: readonly [string, string], init: object) => {
    const answers = await Promise.all([there, absent].map((url) => registry.send(method, url, { token, ...init })));
    const [first, second] = await Promise.all(
      answers.map(async (answer, index) => [
        answer.status,
        (await answer.text()).replaceAll(index === 0 ? there : absent, "").replaceAll(/@acme\/\w+|sha256:\w+/g, ""),
      ]),
    );
    expect([there, first]).toEqual([there, second]);
  };
  const absent = `sha256:${"0".repeat(64)}`;
  for (const path of ["", "/versions/1.0.0", "/resolve", "/tags"])
    await same("GET", [`/v1/adapters/acme/spam${path}`, `/v1/adapters/acme/none${path}`], {});
  await same("PUT", ["/v1/adapters/acme/spam/tags/x", "/v1/adapters/acme/none/tags/x"], { body: { version: "1.0.0" } });
  await same("DELETE", ["/v1/adapters/acme/spam/tags/x", "/v1/adapters/acme/none/tags/x"], {});
  await same("GET", [`/v1/blobs/${request.digest}`, `/v1/blobs/${absent}`], {});
});

test("bytes of a private adapter cannot be had by publishing their digest, nor by sending them first", async () => {
  const secret = await anAdapter({ name: "@acme/spam" });
  await publishTo(registry, { name: "@acme/spam", access: "private" });
  const token = await aToken(["@other/*"], ["read", "publish"]);
  const claim = { ...secret.request, manifest: { ...secret.request.manifest, name: "@other/spam" } };
  const claimed = await registry.send("PUT", "/v1/adapters/other/spam/versions/1.0.0", { body: claim, token });
  expect(await code(claimed)).toBe("NOT_FOUND");
  // Whether a stranger's upload is new or not looks the same, and wrong bytes are no question that gets an answer.
  const wrong = await registry.send("PUT", `/v1/blobs/${secret.request.digest}`, { body: new Uint8Array(10), token });
  expect(await code(wrong)).toBe("DIGEST_MISMATCH");
  const sent = await registry.send("PUT", `/v1/blobs/${secret.request.digest}`, { body: secret.bytes, token });
  expect(await sent.json()).toMatchObject({ status: "stored" });
  // Who had all the bytes learns nothing by naming them; the name of a stranger still cannot be read.
  expect((await registry.send("PUT", "/v1/adapters/other/spam/versions/1.0.0", { body: claim, token })).status).toBe(422);
  expect(await code(await registry.send("GET", `/v1/blobs/${secret.request.digest}`, { token }))).toBe("NOT_FOUND");
  const owner = await registry.send("GET", `/v1/blobs/${secret.request.digest}`);
  expect([owner.status, owner.headers.get("cache-control")]).toEqual([200, "private, max-age=31536000, immutable"]);
  await owner.body?.cancel();
});

test("bytes of a staged version are for those who may publish it", async () => {
  const { bytes, request } = await anAdapter({ name: "@acme/spam" });
  const readme = new TextEncoder().encode("# Not yet for everybody");
  const digest = `sha256:${createHash("sha256").update(readme).digest("hex")}`;
  await registry.send("PUT", `/v1/bases/${aBase().fingerprint}`, { body: aBase() });
  await registry.send("PUT", `/v1/blobs/${request.digest}`, { body: bytes });
  await registry.send("PUT", `/v1/blobs/${digest}`, { body: readme });
  const files = [{ path: "README.md", digest, size: readme.length }];
  expect(await code(await registry.send("PUT", "/v1/adapters/acme/spam/staged/1.0.0", { body: { ...request, files } }))).toBe(201);
  // Somebody who knows the digest has it stand beside an adapter of its own.
  const token = await aToken(["@other/*"], ["read", "publish"]);
  const other = await anAdapter({ name: "@other/spam" });
  await registry.send("PUT", `/v1/blobs/${other.request.digest}`, { body: other.bytes, token });
  const publish = (path: string, body: object) => registry.send("PUT", path, { body, token });
  expect(await code(await publish("/v1/adapters/other/spam/versions/1.0.0", { ...other.request, files }))).toBe("NOT_FOUND");
  expect(await code(await registry.send("GET", `/v1/blobs/${digest}`, { token }))).toBe("NOT_FOUND");
  expect(await code(await publish("/v1/adapters/other/spam/versions/1.0.0", other.request))).toBe(201);
});

test("an adapter keeps the access it was published with, and says it", async () => {
  await publishTo(registry, { name: "@acme/spam", access: "private" });
  expect(await code(await publishTo(registry, { name: "@acme/spam", version: "1.0.1", access: "public" }))).toBe("CONFLICT");
  expect(await code(await publishTo(registry, { name: "@acme/spam", version: "1.0.1" }))).toBe(201);
  expect(await (await registry.send("GET", "/v1/adapters/acme/spam")).json()).toMatchObject({ access: "private" });
  await publishTo(registry, { name: "@acme/open" });
  expect(await (await registry.send("GET", "/v1/adapters/acme/open")).json()).toMatchObject({ access: "public" });
});
