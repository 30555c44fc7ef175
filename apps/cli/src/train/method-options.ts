import type { ArgsDef } from "citty";
import { GraftError } from "@graft/error";
import { METHODS, type MethodOptions } from "@graft/methods";
import { numberArgument } from "../command.ts";
import { present } from "./present.ts";

/** Options of the method. */
export const METHOD_ARGS = {
  method: { type: "enum", description: "How the difference is parametrised", options: Object.keys(METHODS), default: "lora" },
  targets: {
    type: "string",
    description: "Matrices to adapt: attention, all-linear, ends of module paths, globs",
    default: "attention",
    valueHint: "list",
  },
  rank: { type: "string", description: "Rank of each target", default: "8", valueHint: "number" },
  alpha: { type: "string", description: "The scale is alpha / rank; twice the rank when left out", valueHint: "number" },
} as const satisfies ArgsDef;

/** What METHOD_ARGS parse to. */
export interface MethodArguments {
  readonly method: string;
  readonly targets: string;
  readonly rank: string;
  readonly alpha?: string | undefined;
}

/** The method with its options; USAGE. */
export function methodOptions(args: MethodArguments): MethodOptions {
  const { method: name } = args;
  if (name === "lora") {
    return {
      name,
      targets: args.targets.split(",").map((target) => target.trim()),
      ...present({ rank: numberArgument(args.rank, "rank", { least: 1, whole: true }), alpha: numberArgument(args.alpha, "alpha") }),
    };
  }
  if (name === "full" || name === "head") return { name };
  throw new GraftError("USAGE", `Cannot train with the method "${name}": want ${Object.keys(METHODS).join(", ")}`);
}
