import { afterEach, beforeEach, expect, test } from "vitest";
import { aRegistry, type TestRegistry } from "../a-registry.ts";
import { publishTo } from "../an-adapter.ts";

let registry: TestRegistry;
beforeEach(async () => {
  registry = await aRegistry();
  await publishTo(registry);
});
afterEach(() => registry.close());

const HUB = "/hf/api/models/acme/spam";
const line = (key: string, value: object) => JSON.stringify({ key, value });
const BROKEN: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ["GET", "/hf/acme/spam/resolve/%2e%2e/adapter.safetensors"],
  ["GET", "/hf/acme/spam/resolve/main/..%2f..%2fetc%2fpasswd"],
  ["GET", "/hf/ACME/spam/resolve/main/adapter.safetensors"],
  ["POST", "/hf/api/repos/create", 7],
  ["POST", "/hf/api/repos/create", { name: "x", organization: "../.." }],
  ["POST", `${HUB}/preupload/main`, { files: "all" }],
  ["POST", `${HUB}/preupload/main`, { files: [{ path: "model.bin", size: 1 }] }],
  ["POST", `${HUB}/preupload/main`, { files: [{ path: "adapter_model.safetensors", size: 2 ** 40 }] }],
  ["POST", `${HUB}/commit/main`, new TextEncoder().encode("no lines of JSON")],
  ["POST", `${HUB}/commit/main`, new TextEncoder().encode(line("deletedFile", { path: "README.md" }))],
  ["POST", `${HUB}/commit/main`, new TextEncoder().encode(line("file", { path: "README.md", encoding: "base64", content: "%%%" }))],
  [
    "POST",
    `${HUB}/commit/main`,
    new TextEncoder().encode(
      `${line("header", { summary: "" })}\n${line("file", { path: "adapter_model.safetensors", encoding: "base64", content: "AAAA" })}`,
    ),
  ],
  ["POST", `${HUB}/paths-info/main`, { paths: 3 }],
  ["GET", "/npm/%"],
  ["GET", "/npm/@acme%2fspam/-/spam-1.0.0.tgz%00"],
  ["GET", "/npm/@acme/spam/-/../../../etc/passwd"],
  ["GET", "/npm/lodash"],
  ["PUT", "/npm/@acme%2fspam", {}],
  ["GET", "/v2/acme/spam/manifests/sha256:short"],
  ["GET", "/v2/acme/spam/blobs/nothing"],
  ["GET", `/v2/bases/${"0".repeat(64)}/manifests/latest`],
  ["POST", "/v2/acme/spam/blobs/uploads/"],
];

test.each(BROKEN)("%s %s is refused without a fault: %#", async (method, path, body) => {
  const response = await registry.send(String(method), String(path), body === undefined ? {} : { body });
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
  expect(registry.faults).toEqual([]);
});

test("lists are bounded whatever is asked for", async () => {
  for (const limit of ["-5", "0", "1e9", "NaN"]) expect((await registry.send("GET", `/hf/api/models?limit=${limit}`)).status).toBe(200);
  for (const n of ["-5", "x", "1e9"]) expect((await registry.send("GET", `/v2/acme/spam/tags/list?n=${n}`)).status).toBe(200);
  expect(registry.faults).toEqual([]);
});

test("nobody's body is read before it is known who sends it", async () => {
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>(
    { pull: (controller) => controller.enqueue(new Uint8Array(((pulled += 1), 65_536))) },
    { highWaterMark: 0 },
  );
  const response = await registry.send("POST", `${HUB}/commit/main`, { body: endless, token: null });
  expect([response.status, pulled]).toEqual([401, 0]);
});
