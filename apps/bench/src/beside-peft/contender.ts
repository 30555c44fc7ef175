import { join } from "node:path";
import type { Peer } from "./peer.ts";
import { type Answer, runChild } from "./run-child.ts";

/** Who is measured. */
export type Contender = "PEFT" | "Graft";

/** Both, in the order in which they take turns. */
export const CONTENDERS: readonly Contender[] = ["PEFT", "Graft"];

/** Threads that each may use. */
export const THREADS = 2;

/** Runs one side of a measurement in a process of its own. */
export function runContender(contender: Contender, options: { peer: Peer; part: "step" | "job"; given: object }): Promise<Answer[]> {
  const { peer, part } = options;
  const given = { ...options.given, checkpoint: peer.checkpoint, threads: THREADS };
  return contender === "PEFT"
    ? runChild(peer.python, { script: join(import.meta.dirname, "peft", `${part}.py`), given, through: peer.through })
    : runChild(process.execPath, { script: join(import.meta.dirname, "children", `${part}.ts`), given, through: peer.through });
}
