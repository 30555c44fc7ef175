import type { Method } from "../method.ts";
import type { HeadOptions } from "../options/head.ts";

/** Linear probing: the base is frozen and only what every method trains beside it, the task's head, is trained. */
export const head: Method<HeadOptions> = {
  name: "head",
  description: "Only the task's head; the base stays frozen",
  learningRate: 5e-4,
  plan: () => ({ method: { name: "head" }, targets: [], trainables: [] }),
  inject: () => undefined,
  count: () => 0,
};
