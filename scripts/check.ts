import { join } from "node:path";
import { CHECKS } from "./checks.ts";
import { runChild } from "./child.mjs";

/** Runs every static check and prints what failed: what people run before a commit and what CI runs among the tests. */
async function check(): Promise<number> {
  let failed = 0;
  for (const { name, command, args } of CHECKS) {
    const begin = performance.now();
    const { status, output, interrupted } = await runChild(command, args, { cwd: join(import.meta.dirname, ".."), quiet: true });
    if (interrupted) return status;
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    process.stdout.write(`${status === 0 ? "passed" : "failed"}  ${name} (${seconds} s)\n`);
    if (status !== 0) {
      failed += 1;
      process.stdout.write(`${output}\n`);
    }
  }
  return failed === 0 ? 0 : 1;
}

process.exitCode = await check();
