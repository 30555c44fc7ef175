import { createHash } from "node:crypto";
import { createHasher, digestBytes, formatDigest, hex, isDigest, parseDigest, sha256 } from "@graft/digest";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createHasher as createBrowserHasher } from "../src/platform-browser.ts";

test("the digest of nothing is the one that everybody knows", async () => {
  expect(await sha256(new Uint8Array())).toBe("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

test.each([
  ["Node", createHasher],
  ["a page", createBrowserHasher],
])("chunks of any size give one digest, in the hasher of %s", async (_, create) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 })), async (chunks) => {
      const hasher = await create();
      for (const chunk of chunks) hasher.update(chunk);
      expect(hex(hasher.digest())).toBe(createHash("sha256").update(Buffer.concat(chunks)).digest("hex"));
    }),
  );
});

test("two hashers do not disturb each other", async () => {
  const [left, right] = await Promise.all([createBrowserHasher(), createBrowserHasher()]);
  left.update(Uint8Array.of(1));
  right.update(Uint8Array.of(2));
  expect(formatDigest(left.digest())).toBe(await sha256(Uint8Array.of(1)));
});

test("a digest survives the way to raw bytes and back", async () => {
  const digest = await sha256(Uint8Array.of(1, 2, 3));
  expect(formatDigest(digestBytes(digest))).toBe(digest);
  expect(parseDigest(digest)).toBe(digest);
  expect(isDigest(digest)).toBe(true);
});

test.each([
  "",
  "sha256:",
  `sha256:${"A".repeat(64)}`,
  `sha256:${"a".repeat(63)}`,
  `sha512:${"a".repeat(64)}`,
  `sha256:${"a".repeat(64)}\n`,
])("%j is refused as a digest", (text) => {
  expect(() => parseDigest(text)).toThrow(expect.objectContaining({ code: "NAME_INVALID" }));
});

test("raw bytes of another length are refused", () => {
  expect(() => formatDigest(new Uint8Array(31))).toThrow(expect.objectContaining({ code: "NAME_INVALID" }));
});
