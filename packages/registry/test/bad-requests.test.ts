import { ErrorBody } from "@graft/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { aRegistry, type TestRegistry } from "./a-registry.ts";
import { digestOf } from "./an-adapter.ts";

let registry: TestRegistry;
beforeEach(async () => {
  registry = await aRegistry({ settings: { bodyBytes: 10_000 } });
});
afterEach(() => registry.close());

test("whatever is wrong with a request, the answer is the one error body", async () => {
  const requests: [method: string, path: string, init: object, status: number, code: string][] = [
    ["GET", "/v1/nothing", {}, 404, "NOT_FOUND"],
    ["POST", "/v1/ping", {}, 404, "NOT_FOUND"],
    ["GET", "/v1/blobs/sha256:xyz", {}, 400, "NAME_INVALID"],
    ["GET", `/v1/blobs/${digestOf("x").toUpperCase()}`, {}, 400, "NAME_INVALID"],
    ["GET", "/v1/blobs/..%2f..%2fetc%2fpasswd", {}, 400, "NAME_INVALID"],
    ["GET", "/v1/adapters/Acme/spam", {}, 400, "NAME_INVALID"],
    ["GET", "/v1/adapters/..%2f/spam", {}, 400, "NAME_INVALID"],
    ["GET", "/v1/adapters/acme/spam%00", {}, 400, "NAME_INVALID"],
    ["GET", "/v1/adapters/acme/__proto__", {}, 400, "NAME_INVALID"],
    ["GET", "/v1/adapters/acme/constructor/resolve?range=__proto__", {}, 404, "NOT_FOUND"],
    ["GET", "/v1/adapters/acme/spam/versions/1", {}, 400, "NAME_INVALID"],
    ["POST", "/v1/find", { body: new TextEncoder().encode("{"), headers: { "content-type": "application/json" } }, 400, "USAGE"],
    ["POST", "/v1/find", { body: new TextEncoder().encode("fileDigest=1"), headers: { "content-type": "text/plain" } }, 400, "USAGE"],
    ["POST", "/v1/find", { body: [] }, 400, "USAGE"],
    ["POST", "/v1/find", { body: { matrices: Array.from({ length: 1000 }, () => digestOf("x")) } }, 413, "LIMIT_EXCEEDED"],
    ["POST", "/v1/tokens", { body: { label: "x", names: ["@acme/*"], actions: ["publish"], expiresInDays: 100_000 } }, 400, "USAGE"],
    ["POST", "/v1/tokens", { body: { label: "x", names: ["acme"], actions: ["publish"] } }, 400, "USAGE"],
  ];
  for (const [method, path, init, status, code] of requests) {
    const response = await registry.send(method, path, init);
    const body: unknown = await response.json();
    expect([path, response.status, ErrorBody.parse(body).error.code]).toEqual([path, status, code]);
  }
  expect(registry.faults).toEqual([]);
});

test("what breaks inside is reported inside; a sender learns only that it broke", async () => {
  await registry.metadata.close();
  const response = await registry.send("GET", "/v1/search?q=x", { token: null });
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({
    error: { code: "INTERNAL", message: expect.not.stringContaining("/"), hint: expect.any(String) },
  });
  expect(registry.faults).toHaveLength(1);
  registry.close = async () => undefined;
});
