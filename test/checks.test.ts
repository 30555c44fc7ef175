import { join } from "node:path";
import { expect, test } from "vitest";
import { runChild } from "../scripts/child.mjs";
import { CHECKS } from "../scripts/checks.ts";

const root = join(import.meta.dirname, "..");

test.each(CHECKS)("npm run check: $name", { timeout: 300_000 }, async ({ command, args }) => {
  const { status, output } = await runChild(join(root, "node_modules/.bin", command), args, { cwd: root, quiet: true });
  expect(status, output).toBe(0);
});
