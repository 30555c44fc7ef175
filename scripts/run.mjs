// The door of every npm script: `node scripts/run.mjs <command> [arguments]`, on any Node that npm runs on.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { prepare, root, toolEnvironment } from "./toolchain.mjs";

const SOURCE = ["--conditions=@graft/source", "--disable-warning=ExperimentalWarning"];
const COMMANDS = {
  quickstart: "apps/quickstart/src/main.ts",
  graft: "apps/cli/src/main.ts",
  bench: "apps/bench/src/main.ts",
  test: "scripts/test.ts",
  check: "scripts/check.ts",
};

const [command, ...rest] = process.argv.slice(2);
if (!(command in COMMANDS)) {
  process.stderr.write(`Cannot run "${command}": expected one of ${Object.keys(COMMANDS).join(", ")}\n`);
  process.exit(2);
}
const tools = prepare();
// A person's relative paths are meant from where they typed, not from the repository's root.
const cwd = command === "graft" || command === "quickstart" ? (process.env.INIT_CWD ?? process.cwd()) : root;
const child = spawn(tools.node, [...SOURCE, join(root, COMMANDS[command]), ...rest], { cwd, env: toolEnvironment(tools), stdio: "inherit" });
// The child shares the terminal's signals and ends by itself; this process waits to pass its exit status on.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  });
}
child.on("exit", (code, signal) => {
  process.exit(code ?? (signal === "SIGINT" ? 130 : 143));
});
