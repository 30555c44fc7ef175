// The door of every npm script: `node scripts/run.mjs <command> [arguments]`, on any Node that npm runs on.
import { join } from "node:path";
import { runChild } from "./child.mjs";
import { prepare, root, SetupError, toolEnvironment } from "./toolchain.mjs";

const SOURCE = ["--conditions=@graft/source", "--disable-warning=ExperimentalWarning"];
/** @type {Readonly<Record<string, string>>} */
const COMMANDS = {
  quickstart: "apps/quickstart/src/main.ts",
  graft: "apps/cli/src/main.ts",
  demo: "apps/demo/src/main.ts",
  bench: "apps/bench/src/main.ts",
  test: "scripts/test.ts",
  check: "scripts/check.ts",
};

/**
 * @param {readonly string[]} line
 * @returns {Promise<number>} the exit status
 */
async function run([command = "", ...rest]) {
  const file = COMMANDS[command];
  if (file === undefined) {
    process.stderr.write(`Cannot run "${command}": expected one of ${Object.keys(COMMANDS).join(", ")}\n`);
    return 2;
  }
  const tools = await prepare();
  // A person's relative paths are meant from where they typed, not from the repository's root.
  const cwd = command === "graft" || command === "quickstart" ? (process.env["INIT_CWD"] ?? process.cwd()) : root;
  return (await runChild(tools.node, [...SOURCE, join(root, file), ...rest], { cwd, env: toolEnvironment(tools) })).status;
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.exitCode = error.status;
}
