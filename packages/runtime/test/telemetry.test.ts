import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "graft-telemetry-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a session leaves nothing behind: no identifier, no log of reports", () => {
  const program = `
    import { openSession } from "@graft/runtime/node";
    const { slow, square } = await import(${JSON.stringify(join(import.meta.dirname, "models.ts"))});
    const session = await openSession(slow(1), { threads: 1 });
    await session.run({ x: square(2) });
    await session.close();`;
  const { ORT_DISABLE_TELEMETRY: _, CI: __, ...environment } = process.env;
  const { status, stderr } = spawnSync(process.execPath, ["--conditions=@graft/source", "--input-type=module", "--eval", program], {
    cwd: import.meta.dirname,
    encoding: "utf8",
    env: { ...environment, TMPDIR: folder, HOME: folder, XDG_CACHE_HOME: folder },
  });
  expect([status, stderr]).toEqual([0, ""]);
  expect(readdirSync(folder)).toEqual([]);
});
