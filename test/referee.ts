import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** Python with PyTorch, transformers and PEFT, which the test set-up installs; undefined where there is none. */
export const referee: string | undefined = [process.env["GRAFT_PYTHON"], join(import.meta.dirname, "../.cache/python/bin/python")].find(
  (path) => path !== undefined && existsSync(path),
);

if (referee === undefined) console.warn("Skipped: no Python referee (set GRAFT_PYTHON, or let npm test set one up)");

/** Runs a Python program with the input on stdin and gives what it prints; what it prints to stderr is in the error when it fails. */
export function runReferee(program: string, input: string | Uint8Array = ""): Buffer {
  if (referee === undefined) throw new Error("there is no Python referee");
  const { status, stdout, stderr, error } = spawnSync(referee, ["-c", program], {
    input,
    maxBuffer: 2 ** 30,
    env: { ...process.env, OMP_NUM_THREADS: "1", HF_HUB_OFFLINE: "1" },
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`the referee failed: ${stderr.toString().slice(-4_000)}`);
  return stdout;
}
