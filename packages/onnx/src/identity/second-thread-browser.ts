import type { SecondThread } from "./second-thread.ts";

/** A page hashes both orientations on the thread it is on. */
export function startSecondThread(): SecondThread | undefined {
  return undefined;
}
