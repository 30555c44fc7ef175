import { afterEach, beforeEach, expect, test } from "vitest";
import { isOneEditApart } from "../src/refuse-typo.ts";
import { aRegistry, type TestRegistry } from "./a-registry.ts";
import { anAdapter, publishTo } from "./an-adapter.ts";

let registry: TestRegistry;
beforeEach(async () => {
  registry = await aRegistry();
});
afterEach(() => registry.close());

test.each([
  ["acme", "acne", true],
  ["acme", "amce", true],
  ["acme", "acm", true],
  ["acme", "acmee", true],
  ["acme", "xacme", true],
  ["acme", "acme", false],
  ["acme", "emca", false],
  ["acme", "anne", false],
  ["acme", "ac", false],
])("%s and %s are one edit apart: %s", (left, right, expected) => {
  expect([isOneEditApart(left, right), isOneEditApart(right, left)]).toEqual([expected, expected]);
});

test("a name with one letter of a popular scope wrong is refused, whatever its case of separators; others are fine", async () => {
  await publishTo(registry, { name: "@acme-labs/spam-filter" });
  const { digest } = (await anAdapter({ name: "@acme-labs/spam-filter" })).request;
  const made = await registry.send("POST", "/v1/tokens", {
    body: { label: "x", names: ["@acne-labs/*", "@acme-lab/*", "@other/*"], actions: ["publish"] },
  });
  const { token } = (await made.json()) as { token: string };
  const publish = async (name: string) => {
    const { bytes, path, request } = await anAdapter({ name });
    await registry.send("PUT", `/v1/blobs/${request.digest}`, { body: bytes, token });
    return (await registry.send("PUT", path, { body: request, token })).json() as Promise<{
      error?: { code: string; detail: object };
      status?: string;
    }>;
  };
  // Nobody uses it yet, so nobody is fooled.
  expect(await publish("@acme-lab/spam-filter")).toMatchObject({ status: "created" });
  await registry.metadata.downloads.add("2026-03-01", new Map([[digest, 100]]));
  expect(await publish("@acne-labs/spamfilter")).toMatchObject({
    error: { code: "CONFLICT", detail: { resembles: "@acme-labs/spam-filter" } },
  });
  expect(await publish("@other/spam-filter")).toMatchObject({ status: "created" });
  expect(await publish("@acne-labs/topics")).toMatchObject({ status: "created" });
});
