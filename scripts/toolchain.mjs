// Finds Node 24 and pnpm 12 for a machine that has only npm, and installs the workspace. Runs on Node 20.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runChild } from "./child.mjs";
import { withLock } from "./lock.mjs";

/** The repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = join(root, ".cache");
const WINDOWS = process.platform === "win32";
/** Exit status for a machine that lacks something, as in the error table. */
const SETUP_FAILED = 6;

/** @typedef {{ node: string, pnpm: string }} Tools Paths of Node 24 and pnpm 12. */

/**
 * Everything that a command of this repository needs to run. Two at once wait for each other.
 * @returns {Promise<Tools>}
 */
export async function prepare() {
  const ready = rememberedTools();
  if (ready !== undefined && isInstalled()) return ready;
  return withLock(join(cache, "toolchain.lock"), async () => {
    const tools = rememberedTools() ?? (await fetchTools());
    if (!isInstalled()) await install(tools);
    return tools;
  });
}

/**
 * The environment in which `node` is Node 24, and pnpm and the workspace's commands are on the PATH.
 * @param {Tools} tools
 */
export function toolEnvironment(tools) {
  const folders = [dirname(tools.node), join(root, "node_modules", ".bin"), dirname(tools.pnpm)];
  return { ...process.env, PATH: [...folders, process.env["PATH"]].join(delimiter) };
}

/**
 * What was found before, unless npm's cache was emptied since.
 * @returns {Tools | undefined}
 */
function rememberedTools() {
  const remembered = join(cache, "toolchain.json");
  if (!existsSync(remembered)) return undefined;
  const tools = JSON.parse(readFileSync(remembered, "utf8"));
  return existsSync(tools.node) && existsSync(tools.pnpm) ? tools : undefined;
}

/** @returns {Promise<Tools>} */
async function fetchTools() {
  process.stderr.write("Fetching Node 24 and pnpm 12 through npx (once, about 10 s)\n");
  const print = 'node -p "JSON.stringify({node:process.execPath,path:process.env.PATH})"';
  const result = await runChild("npx", ["-y", "-p", "node@24", "-p", "pnpm@12", "-c", print], { quiet: true, shell: WINDOWS });
  const line = result.output.split("\n").find((text) => text.startsWith('{"node":'));
  if (result.status !== 0 || line === undefined) throw failed("Cannot fetch Node 24 and pnpm 12: npx failed as shown above", result);
  /** @type {{ node: string, path: string }} */
  const { node, path } = JSON.parse(line);
  const folder = path.split(delimiter).find((place) => existsSync(join(place, WINDOWS ? "pnpm.cmd" : "pnpm"))) ?? dirname(node);
  const tools = { node, pnpm: join(folder, WINDOWS ? "pnpm.cmd" : "pnpm") };
  const remembered = join(cache, "toolchain.json");
  // Whole or not at all: another shell may be reading it.
  writeFileSync(`${remembered}.${process.pid}`, JSON.stringify(tools));
  renameSync(`${remembered}.${process.pid}`, remembered);
  return tools;
}

/** Says which lock file node_modules was made from; it lies inside, so that both go together. */
const stamp = join(root, "node_modules", ".graft-installed");

function lockDigest() {
  return createHash("sha256")
    .update(readFileSync(join(root, "pnpm-lock.yaml")))
    .digest("hex");
}

function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === lockDigest();
}

/**
 * Installs what the lock file names.
 * @param {Tools} tools
 */
async function install(tools) {
  process.stderr.write("Installing the workspace (once, about half a minute)\n");
  const args = ["install", "--frozen-lockfile", "--prefer-offline", "--reporter=append-only"];
  const result = await runChild(tools.pnpm, args, {
    cwd: root,
    env: { ...toolEnvironment(tools), CI: "true" },
    quiet: true,
    shell: WINDOWS,
  });
  if (result.status !== 0) throw failed("Cannot install the workspace: pnpm failed as shown above", result);
  writeFileSync(stamp, lockDigest());
}

/**
 * Shows what a tool printed and says in one line what it means.
 * @param {string} message
 * @param {import("./child.mjs").Ended} ended
 */
function failed(message, { output, status, interrupted }) {
  if (!interrupted) process.stderr.write(`${output}\n${message}\n`);
  return new SetupError(message, interrupted ? status : SETUP_FAILED);
}

/** A set-up that failed, was told about, and ends the command with this exit status. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {number} status
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}
