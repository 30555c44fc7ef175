/** One static check: a command of the workspace that exits with 0 when all is well. */
export interface Check {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** Every static check, cheapest first. */
export const CHECKS: readonly Check[] = [
  { name: "format", command: "oxfmt", args: ["--check", "."] },
  { name: "lint", command: "oxlint", args: ["--quiet", "."] },
  { name: "types of the packages", command: "tsc", args: ["-b"] },
  { name: "types of tests and scripts", command: "tsc", args: ["-p", "tsconfig.test.json"] },
  { name: "unused files, exports and dependencies", command: "knip", args: ["--no-progress"] },
];
