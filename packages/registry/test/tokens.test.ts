import { afterEach, beforeEach, expect, test } from "vitest";
import { aRegistry, type TestRegistry } from "./a-registry.ts";
import { aBase, anAdapter, publishTo } from "./an-adapter.ts";

let registry: TestRegistry;
let now = new Date("2026-03-01T00:00:00.000Z");
beforeEach(async () => {
  now = new Date("2026-03-01T00:00:00.000Z");
  registry = await aRegistry({ clock: () => now });
});
afterEach(() => registry.close());

const code = async (response: Response): Promise<string | number> =>
  response.ok ? response.status : ((await response.json()) as { error: { code: string } }).error.code;

async function aToken(names: string[], actions: string[], maker?: string): Promise<{ token: string; record: { id: string } }> {
  const response = await registry.send("POST", "/v1/tokens", {
    body: { label: "test", names, actions },
    ...(maker === undefined ? {} : { token: maker }),
  });
  if (!response.ok) throw new Error(await code(response).then(String));
  return (await response.json()) as { token: string; record: { id: string } };
}

test("every pair of names and actions allows just what it says", async () => {
  const names = [["*"], ["@acme/*"], ["@acme/spam"], ["@acme/other"], ["@acm/*"], ["@other/*", "@acme/spam"]];
  for (const pattern of names) {
    for (const actions of [["read"], ["publish"], ["admin"], ["read", "publish"]]) {
      const { token } = await aToken(pattern, actions);
      const covers = pattern.some((name) => ["*", "@acme/*", "@acme/spam"].includes(name));
      const response = await publishTo(registry, { token });
      const expected = actions.includes("publish") && covers ? expect.any(Number) : "FORBIDDEN";
      expect([pattern, actions, await code(response)]).toEqual([pattern, actions, expected]);
      const tag = await registry.send("PUT", "/v1/adapters/acme/spam/tags/x1", { body: { version: "1.0.0" }, token });
      if (expected === "FORBIDDEN") expect(await code(tag)).toBe("FORBIDDEN");
      const list = await registry.send("GET", "/v1/tokens", { token });
      expect(await code(list)).toBe(actions.includes("admin") && pattern[0] === "*" ? 200 : "FORBIDDEN");
    }
  }
});

test("without a token nothing can be written, and the refusal comes before the body is read", async () => {
  const never = new ReadableStream<Uint8Array>({});
  const { path, request } = await anAdapter();
  const requests = [
    ["PUT", path, request],
    ["PUT", `/v1/blobs/${request.digest}`, never],
    ["PUT", `/v1/bases/${aBase().fingerprint}`, aBase()],
    ["POST", "/v1/tokens", {}],
    ["PUT", "/v1/adapters/acme/spam/tags/next", {}],
    ["DELETE", "/v1/adapters/acme/spam/tags/next", undefined],
    ["DELETE", "/v1/tokens/x", undefined],
    ["GET", "/v1/tokens", undefined],
    ["GET", "/v1/whoami", undefined],
  ] as const;
  for (const [method, url, body] of requests) {
    const response = await registry.send(method, url, { body, token: null });
    expect([url, response.status, response.headers.get("www-authenticate")]).toEqual([url, 401, 'Bearer realm="graft"']);
  }
});

test("a wrong, mistyped, revoked or expired token is refused on public routes too, with one answer", async () => {
  const { token, record } = await aToken(["*"], ["publish"]);
  expect(await code(await registry.send("GET", "/v1/whoami", { token }))).toBe(200);
  const flipped = `${token.slice(0, 20)}${token[20] === "a" ? "b" : "a"}${token.slice(21)}`;
  for (const wrong of [flipped, "graft_short", "x".repeat(5000), `${token} `.repeat(2)])
    expect(await code(await registry.send("GET", "/v1/ping", { token: wrong }))).toBe("UNAUTHORIZED");
  now = new Date("2026-05-31T00:00:00.000Z");
  const expired = await registry.send("GET", "/v1/ping", { token });
  expect(await expired.json()).toMatchObject({ error: { code: "UNAUTHORIZED", message: expect.stringContaining("expired") } });
  now = new Date("2026-03-02T00:00:00.000Z");
  expect((await registry.send("DELETE", `/v1/tokens/${record.id}`)).status).toBe(204);
  expect(await code(await registry.send("GET", "/v1/ping", { token }))).toBe("UNAUTHORIZED");
});

test("a token makes no token that may do more than itself", async () => {
  const { token: maker } = await aToken(["@acme/*"], ["publish", "admin"]);
  await expect(aToken(["@acme/spam"], ["publish"], maker)).resolves.toBeDefined();
  for (const [names, actions] of [
    [["*"], ["publish"]],
    [["@other/*"], ["publish"]],
    [["@acme/*"], ["read"]],
    [["@acme/*", "@other/x"], ["publish"]],
  ] as const) {
    await expect(aToken([...names], [...actions], maker)).rejects.toThrow("FORBIDDEN");
  }
});

test("the store holds no token that could be used", async () => {
  const { token } = await aToken(["*"], ["publish"]);
  const stored = JSON.stringify(await registry.metadata.tokens.list({ limit: 100 }));
  for (const text of [token, registry.token]) {
    expect(stored).not.toContain(text);
    expect(stored).not.toContain(text.slice(6, 40));
  }
});

test("a token can give itself up, and nobody else's", async () => {
  const [first, second] = [await aToken(["@acme/*"], ["publish"]), await aToken(["@acme/*"], ["publish"])];
  expect(await code(await registry.send("DELETE", `/v1/tokens/${second.record.id}`, { token: first.token }))).toBe("FORBIDDEN");
  expect(await code(await registry.send("DELETE", `/v1/tokens/${first.record.id}`, { token: first.token }))).toBe(204);
});
