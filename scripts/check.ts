import { spawnSync } from "node:child_process";
import { CHECKS } from "./checks.ts";

/** Runs every static check and prints what failed: what people run before a commit and what CI runs among the tests. */
let failed = 0;
for (const { name, command, args } of CHECKS) {
  const begin = performance.now();
  const result = spawnSync(command, args, { encoding: "utf8" });
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  process.stdout.write(`${result.status === 0 ? "passed" : "failed"}  ${name} (${seconds} s)\n`);
  if (result.status !== 0) {
    failed += 1;
    process.stdout.write(`${result.stdout}${result.stderr}\n`);
  }
}
process.exit(failed === 0 ? 0 : 1);
