import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { runChild } from "./child.mjs";
import { ceph } from "./ceph.ts";
import { chromium } from "./chromium.ts";
import { setUpPackages, type DebianPart } from "./debian-packages.ts";
import { postgres } from "./postgres.ts";
import { setUpReferees } from "./referees.ts";
import { skopeo } from "./skopeo.ts";

/** Sets up the real parts that tests need, runs every test, and ends in one line with the counts of the runner's report. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numFailedTestSuites: number;
  readonly success: boolean;
  readonly testResults: readonly TestFile[];
}

interface TestFile {
  readonly name: string;
  readonly startTime: number;
  readonly endTime: number;
  readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
}

const root = join(import.meta.dirname, "..");
const SLOWEST = 8;

/** Real parts from Debian's packages. */
const PARTS: readonly DebianPart[] = [chromium, postgres, ceph, skopeo];

/** Gives the exit status. */
async function test(args: readonly string[]): Promise<number> {
  const stopped = (await setUpReferees(root)) ?? (await setUpParts());
  if (stopped !== undefined) return stopped;
  mkdirSync(join(root, ".cache"), { recursive: true });
  // Two shells may test at once.
  const file = join(root, ".cache", `test-report-${process.pid}.json`);
  const run = await runChild("vitest", ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`, ...args], {
    cwd: root,
  });
  if (run.interrupted) return run.status;
  let report: Report;
  try {
    report = JSON.parse(readFileSync(file, "utf8")) as Report;
  } catch (error) {
    process.stderr.write(`Cannot read the test report: ${(error as Error).message}\n`);
    return run.status === 0 ? 1 : run.status;
  } finally {
    rmSync(file, { force: true });
  }
  process.stdout.write(`${describe(report)}\n`);
  const skipped = report.numPendingTests + report.numTodoTests;
  // A file that breaks before its tests run fails no test, but fails the run.
  const failed = report.numFailedTests === 0 && !report.success ? Math.max(1, report.numFailedTestSuites) : report.numFailedTests;
  process.stdout.write(`${report.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`);
  return failed === 0 && run.status === 0 ? 0 : 1;
}

/** Gives the exit status if it was told to stop. */
async function setUpParts(): Promise<number | undefined> {
  for (const part of PARTS) {
    const stopped = await setUpPackages(root, part);
    if (stopped !== undefined) return stopped;
  }
  return undefined;
}

/** Which tests were skipped (the files printed why), and which files took longest. */
function describe({ testResults }: Report): string {
  const path = (file: TestFile): string => relative(root, file.name);
  const skipped = testResults.flatMap((file) => {
    const names = file.assertionResults.filter(({ status }) => !["passed", "failed"].includes(status)).map(({ fullName }) => fullName);
    return names.map((name) => `skipped  ${path(file)}: ${name}`);
  });
  const seconds = (file: TestFile): number => (file.endTime - file.startTime) / 1000;
  const slowest = testResults.toSorted((one, other) => seconds(other) - seconds(one)).slice(0, SLOWEST);
  return [...skipped, ...slowest.map((file) => `${seconds(file).toFixed(1).padStart(6)} s  ${path(file)}`)].join("\n");
}

process.exitCode = await test(process.argv.slice(2));
