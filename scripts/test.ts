import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setUpReferees } from "./referees.ts";

/** Sets up the real parts that tests need, runs every test, and ends in one line with the counts of the runner's report. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numFailedTestSuites: number;
  readonly success: boolean;
}

const root = join(import.meta.dirname, "..");
const report = join(root, ".cache", "test-report.json");
setUpReferees(root);
rmSync(report, { force: true });
const run = spawnSync("vitest", ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
let counts: Report;
try {
  counts = JSON.parse(readFileSync(report, "utf8")) as Report;
} catch (error) {
  process.stderr.write(`Cannot read the test report: ${(error as Error).message}\n`);
  process.exit(run.status === 0 ? 1 : (run.status ?? 1));
}
const skipped = counts.numPendingTests + counts.numTodoTests;
// A file that breaks before its tests run fails no test, but fails the run.
const failed = counts.numFailedTests === 0 && !counts.success ? Math.max(1, counts.numFailedTestSuites) : counts.numFailedTests;
process.stdout.write(`${counts.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`);
process.exit(failed === 0 && run.status === 0 ? 0 : 1);
