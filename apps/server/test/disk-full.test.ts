import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { routePath } from "@graft/protocol";
import { startServer } from "@graft/server";
import { afterAll, describe, expect, test } from "vitest";
import { call, publish, squareAdapter, squareBase } from "./a-published-adapter.ts";

const folder = mkdtempSync(join(tmpdir(), "graft-full-"));
const reason = mountSmallDisk(folder);
if (reason !== undefined) console.log(`disk-full test skipped: ${reason}`);

afterAll(() => {
  if (reason === undefined) execFileSync("umount", [folder]);
  rmSync(folder, { recursive: true, force: true });
});

function mountSmallDisk(path: string): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "only root on Linux can mount a small disk";
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "graft-test", path], { stdio: "pipe" });
    return undefined;
  } catch (cause) {
    return `mount failed: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

describe.skipIf(reason !== undefined)("a full disk", () => {
  test("refuses what does not fit with 507, leaves nothing of it, and goes on", async () => {
    const server = await startServer({ port: 0, data: join(folder, "data"), logLevel: "silent" });
    try {
      const place = { url: server.url, token: server.token ?? "" };
      const [large, small] = [squareBase(60_000), squareBase(512)];
      for (const base of [large, small])
        await call(place, routePath("putBase", { digest: base.fingerprint }), { method: "PUT", body: base });
      const tooLarge = await squareAdapter(large, { name: "@acme/large", version: "1.0.0", value: 1 });
      const refused = await publish(place, tooLarge);
      expect([refused.status, await refused.json()]).toMatchObject([507, { error: { code: "DISK_FULL" } }]);
      expect(await readdir(join(folder, "data", "blobs", "uploads"))).toEqual([]);
      expect(await readdir(join(folder, "data", "blobs", "sha256"))).toEqual([]);
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);

      // The bytes fit, the row does not.
      const first = await squareAdapter(small, { name: "@acme/small", version: "1.0.0", value: 1 });
      expect((await call(place, routePath("putBlob", { digest: first.request.digest }), { method: "PUT", body: first.bytes })).status).toBe(
        201,
      );
      const filler = join(folder, "filler");
      await writeFile(filler, new Uint8Array(8 * 2 ** 20)).catch(() => undefined);
      const noRow = await publish(place, first);
      expect([noRow.status, await noRow.json()]).toMatchObject([507, { error: { code: "DISK_FULL" } }]);
      expect((await call(place, "/v1/adapters/acme/small")).status).toBe(404);
      await rm(filler);
      expect((await publish(place, first)).status).toBe(201);
    } finally {
      await server.close();
    }
  });
});
