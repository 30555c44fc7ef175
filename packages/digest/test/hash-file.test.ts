import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "@graft/digest";
import { hashFile } from "@graft/digest/node";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "graft-digest-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("a file of several chunks has the digest and the size of its bytes", async () => {
  const bytes = Uint8Array.from({ length: 2_500_000 }, (_, index) => index % 253);
  await writeFile(join(folder, "file"), bytes);
  expect(await hashFile(join(folder, "file"))).toEqual({ digest: await sha256(bytes), size: bytes.length });
});

test("a file that is not there is FILE_NOT_FOUND", async () => {
  await expect(hashFile(join(folder, "absent"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
});
