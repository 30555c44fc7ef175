import type { ArgsDef } from "citty";
import { GraftError } from "@graft/error";
import {
  type BottleneckOptions,
  type InsertedPositions,
  type LowRankOptions,
  METHODS,
  type MethodName,
  type MethodOptions,
  type LoraOptions,
  type PackedPart,
  PACKED_PARTS,
} from "@graft/methods";
import { numberArgument } from "../command.ts";
import { listArgument, tableArgument } from "./list-argument.ts";
import { present } from "./present.ts";

const COUNT = { least: 1, whole: true };
const SIZE = { least: 0, whole: true };

/** Options of the method. Which of them a method takes is in READERS. */
export const METHOD_ARGS = {
  method: { type: "enum", description: "How the difference is parametrised", options: Object.keys(METHODS), default: "lora" },
  targets: {
    type: "string",
    description: "Matrices to adapt: attention, all-linear, ends of module paths, globs; attention when left out, for ia3 the family's own",
    valueHint: "list",
  },
  exclude: { type: "string", description: "Matrices to leave out of them", valueHint: "list" },
  rank: { type: "string", description: "Rank of each target; 8 when left out", valueHint: "number" },
  alpha: { type: "string", description: "The scale is alpha / rank; twice the rank when left out", valueHint: "number" },
  "rank-pattern": {
    type: "string",
    description: "Ranks of some targets: regular expressions, as PEFT reads them",
    valueHint: "name=rank,…",
  },
  "alpha-pattern": { type: "string", description: "Alphas of some targets, likewise", valueHint: "name=alpha,…" },
  "rank-stabilised": { type: "boolean", description: "Scale by alpha / √rank (rsLoRA)" },
  initialisation: { type: "enum", description: "How A starts; kaiming when left out", options: ["kaiming", "gaussian", "pissa"] },
  dropout: { type: "string", description: "Share of a branch's input that is left out in training", valueHint: "number" },
  bias: { type: "enum", description: "Biases trained beside the pairs; none when left out", options: ["none", "lora_only", "all"] },
  "learning-rate-ratio": { type: "string", description: "B learns so many times faster than A (LoRA+)", valueHint: "number" },
  qkv: { type: "string", description: "Parts of packed projections that get a pair each: query, key, value", valueHint: "list" },
  feedforward: { type: "string", description: "Targets of ia3 whose input is scaled", valueHint: "list" },
  layers: { type: "string", description: "Last blocks that last-layers trains; 2 when left out", valueHint: "number" },
  prefix: { type: "string", description: "Positions that a prefix method inserts before each row; 2 when left out", valueHint: "number" },
  infix: { type: "string", description: "Positions that it inserts after each row; none when left out", valueHint: "number" },
  variant: {
    type: "enum",
    description: "Bottleneck layers after both sublayers (H; D: not in the first blocks) or after the block (L, P); H when left out",
    options: ["H", "L", "P", "D"],
  },
  size: { type: "string", description: "Width of a bottleneck; 16 when left out", valueHint: "number" },
  activation: { type: "enum", description: "What is inside a bottleneck; relu when left out", options: ["relu", "gelu", "tanh"] },
  dropped: { type: "string", description: "First blocks that have no bottleneck; half of them for D, else none", valueHint: "number" },
} as const satisfies ArgsDef;

/** An option of METHOD_ARGS besides the method's name. */
type Option = Exclude<keyof typeof METHOD_ARGS, "method">;

/** What METHOD_ARGS parse to. */
export type MethodArguments = { readonly method: string } & { readonly [Name in Option]?: string | boolean | undefined };

/** Reads one option; undefined where it was left out. */
type Read = <T>(option: Option, read: (value: string) => T) => T | undefined;

const LOW_RANK = (read: Read): LowRankOptions =>
  present({
    targets: read("targets", listArgument),
    exclude: read("exclude", listArgument),
    rank: read("rank", (value) => numberArgument(value, "rank", COUNT)),
    alpha: read("alpha", (value) => numberArgument(value, "alpha")),
    rankPattern: read("rank-pattern", (value) => tableArgument(value, "rank-pattern", COUNT)),
    alphaPattern: read("alpha-pattern", (value) => tableArgument(value, "alpha-pattern")),
    rankStabilised: read("rank-stabilised", (value) => value === "true"),
    initialisation: read("initialisation", (value) => value as NonNullable<LowRankOptions["initialisation"]>),
    dropout: read("dropout", (value) => numberArgument(value, "dropout", { least: 0 })),
    bias: read("bias", (value) => value as NonNullable<LowRankOptions["bias"]>),
    learningRateRatio: read("learning-rate-ratio", (value) => numberArgument(value, "learning-rate-ratio", { least: 0 })),
  });

const INSERTED = (read: Read): InsertedPositions =>
  present({
    prefix: read("prefix", (value) => numberArgument(value, "prefix", SIZE)),
    infix: read("infix", (value) => numberArgument(value, "infix", SIZE)),
  });

/** How each method's options are read: what a reader does not ask for, the method does not take. */
const READERS: { readonly [Name in MethodName]: (read: Read) => Omit<Extract<MethodOptions, { readonly name: Name }>, "name"> } = {
  lora: (read) => ({
    ...LOW_RANK(read),
    ...present({
      initialisation: read("initialisation", (value) => value as NonNullable<LoraOptions["initialisation"]>),
      qkv: read("qkv", packedParts),
    }),
  }),
  dora: LOW_RANK,
  ia3: (read) =>
    present({
      targets: read("targets", listArgument),
      exclude: read("exclude", listArgument),
      feedforward: read("feedforward", listArgument),
    }),
  full: (read) => present({ exclude: read("exclude", listArgument) }),
  "last-layers": (read) => present({ layers: read("layers", (value) => numberArgument(value, "layers", COUNT)) }),
  bitfit: () => ({}),
  head: () => ({}),
  "prefix-embedding": INSERTED,
  "prefix-layer": INSERTED,
  bottleneck: (read) =>
    present({
      variant: read("variant", (value) => value as NonNullable<BottleneckOptions["variant"]>),
      size: read("size", (value) => numberArgument(value, "size", COUNT)),
      activation: read("activation", (value) => value as NonNullable<BottleneckOptions["activation"]>),
      dropped: read("dropped", (value) => numberArgument(value, "dropped", SIZE)),
    }),
};

function packedParts(value: string): PackedPart[] {
  return listArgument(value).map((part) => {
    const known = PACKED_PARTS.find((one) => one === part);
    if (known === undefined) throw new GraftError("USAGE", `Cannot read --qkv "${part}": want ${PACKED_PARTS.join(", ")}`);
    return known;
  });
}

/** Options that a method takes. USAGE for a method that nobody knows. */
export function optionsOf(method: string): ReadonlySet<string> {
  const taken = new Set<string>();
  readerOf(method)((option) => {
    taken.add(option);
    return undefined;
  });
  return taken;
}

function readerOf(method: string): (read: Read) => Omit<MethodOptions, "name"> {
  if (Object.hasOwn(READERS, method)) return READERS[method as MethodName];
  throw new GraftError("USAGE", `Cannot train with the method "${method}": want ${Object.keys(METHODS).join(", ")}`);
}

/** The method with its options; USAGE for a method that nobody knows, and for an option that the method does not take. */
export function methodOptions(args: MethodArguments): MethodOptions {
  const name = args.method as MethodName;
  const taken = new Set<Option>();
  const options = readerOf(name)((option, read) => {
    taken.add(option);
    const value = args[option];
    return value === undefined ? undefined : read(String(value));
  });
  const stray = (Object.keys(METHOD_ARGS) as (Option | "method")[]).find(
    (option) => option !== "method" && args[option] !== undefined && !taken.has(option),
  );
  if (stray !== undefined) {
    throw new GraftError("USAGE", `Cannot train by ${name} with --${stray}: the method has no such option`, {
      hint: taken.size === 0 ? `${name} takes none` : `${name} takes ${[...taken].map((option) => `--${option}`).join(", ")}`,
    });
  }
  return { name, ...options } as MethodOptions;
}
