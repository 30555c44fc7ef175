// One child process that never outlives this one, and how it ended. Runs on Node 20.
import { spawn } from "node:child_process";
import { constants } from "node:os";

const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/**
 * How a child ended: its exit status (128 + the signal's number when one ended it), what it printed when that was collected,
 * and whether this process was told to stop meanwhile.
 * @typedef {{ status: number, output: string, interrupted: boolean }} Ended
 */

/**
 * Runs a command to its end. Output is inherited, or collected with `quiet`. Signals are passed on, and waited for.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, quiet?: boolean, shell?: boolean }} [options]
 * @returns {Promise<Ended>}
 */
export function runChild(command, args, { cwd, env, quiet = false, shell = false } = {}) {
  const child = spawn(command, args, { cwd, env: env ?? process.env, shell, stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit" });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (text) => (output += text));
  let interrupted = false;
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => {
    interrupted = true;
    // Ctrl-C in a terminal reaches every process in it; a second one would mean "at once" to the child.
    const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
    if (signal !== "SIGINT" || !terminal) child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, pass);
  return new Promise((resolve) => {
    /** @param {number} status */
    const end = (status) => {
      for (const signal of SIGNALS) process.off(signal, pass);
      resolve({ status, output, interrupted });
    };
    child.on("error", (error) => {
      output += `${error.message}\n`;
      end(127);
    });
    child.on("close", (code, signal) => end(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
