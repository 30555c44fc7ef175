// Finds Node 24 and pnpm 12 for a machine that has only npm, and installs the workspace. Runs on Node 20.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, ".cache");
const WINDOWS = process.platform === "win32";

/** Paths of Node 24 and pnpm 12, fetched through npx once and remembered in .cache. */
function findTools() {
  const remembered = join(cache, "toolchain.json");
  if (existsSync(remembered)) {
    const tools = JSON.parse(readFileSync(remembered, "utf8"));
    if (existsSync(tools.node) && existsSync(tools.pnpm)) return tools;
  }
  process.stderr.write("Fetching Node 24 and pnpm 12 through npx (once, about 10 s)\n");
  const print = "node -p \"JSON.stringify({node:process.execPath,path:process.env.PATH})\"";
  const output = execFileSync("npx", ["-y", "-p", "node@24", "-p", "pnpm@12", "-c", print], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], shell: WINDOWS });
  const { node, path } = JSON.parse(output.trim().split("\n").at(-1));
  const pnpm = path.split(delimiter).map((folder) => join(folder, WINDOWS ? "pnpm.cmd" : "pnpm")).find((file) => existsSync(file));
  mkdirSync(cache, { recursive: true });
  writeFileSync(remembered, JSON.stringify({ node, pnpm }));
  return { node, pnpm };
}

/** The environment in which `node` is Node 24 and the workspace's commands are on the PATH. */
export function toolEnvironment(tools) {
  return { ...process.env, PATH: [dirname(tools.node), join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter) };
}

/** Installs what the lock file names, unless that was done already. Two at once wait for each other. */
function install(tools) {
  const stamp = join(root, "node_modules", ".modules.yaml");
  const fresh = () => existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(join(root, "pnpm-lock.yaml")).mtimeMs;
  if (fresh()) return;
  const lock = join(cache, "install.lock");
  mkdirSync(cache, { recursive: true });
  while (!takeLock(lock)) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250);
    if (fresh()) return;
  }
  try {
    process.stderr.write("Installing the workspace (once, about half a minute)\n");
    const result = spawnSync(tools.pnpm, ["install", "--frozen-lockfile", "--reporter=append-only"], { cwd: root, env: { ...toolEnvironment(tools), CI: "true" }, encoding: "utf8", shell: WINDOWS });
    if (result.status !== 0) {
      process.stderr.write(`${result.stdout ?? ""}${result.stderr ?? ""}\nCannot install the workspace: pnpm failed as shown above\n`);
      process.exit(6);
    }
    const now = new Date();
    if (existsSync(stamp)) writeFileSync(stamp, readFileSync(stamp));
    writeFileSync(join(cache, "installed"), now.toISOString());
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** Takes a lock folder; one whose owner is gone is taken over. */
function takeLock(lock) {
  try {
    mkdirSync(lock);
    writeFileSync(join(lock, "pid"), String(process.pid));
    return true;
  } catch {
    const owner = existsSync(join(lock, "pid")) ? Number(readFileSync(join(lock, "pid"), "utf8")) : undefined;
    if (owner !== undefined && !isRunning(owner)) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Everything that a command of this repository needs to run. */
export function prepare() {
  const tools = findTools();
  install(tools);
  return tools;
}
