import { once } from "node:events";
import { defineCommand, type ArgsDef, type CommandDef, type ParsedArgs } from "citty";
import { GraftError } from "@graft/error";
import { createOutput, type Output } from "./output.ts";

/** What a command gets: its parsed arguments, where it prints, and the signal of Ctrl-C. */
export interface Context<Args extends ArgsDef> {
  readonly args: ParsedArgs<Args & typeof COMMON>;
  /** All words that are no options. */
  readonly words: readonly string[];
  /** Names of the options that the line has, with or without `no-`. */
  readonly given: ReadonlySet<string>;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** A command as its file declares it. */
export interface Definition<Args extends ArgsDef> {
  readonly name: string;
  readonly description: string;
  /** Command lines that work as printed, shown by --help. */
  readonly examples: readonly string[];
  readonly args: Args;
  /** The last argument may come any number of times. */
  readonly repeats?: boolean;
  /** Options by what they are about, where there are many: headings of --help. */
  readonly groups?: Readonly<Record<string, ArgsDef>>;
  /** Ends by itself after Ctrl-C, and takes its time: a server that drains, a training that writes a checkpoint. */
  readonly drains?: (args: Context<Args>["args"]) => boolean;
  readonly run: (context: Context<Args>) => Promise<void>;
}

/** Options that every command has. */
const COMMON = {
  json: { type: "boolean", description: "Print JSON for a program to read" },
  quiet: { type: "boolean", description: "Print no progress" },
} as const satisfies ArgsDef;

/** What was declared of each command: its examples and options, and what these are about. */
export const DECLARED = new WeakMap<CommandDef, Pick<Definition<ArgsDef>, "examples" | "args" | "groups" | "repeats">>();

/** Milliseconds that a command has to end by itself after Ctrl-C. */
const GRACE = 1000;

/** Ends with Ctrl-C and with SIGTERM; set up once, in main. */
export const interruption = new AbortController();

/** Makes a command: checks that every option is known, then runs it with its output and signal. */
export function command<const Args extends ArgsDef>(definition: Definition<Args>): CommandDef {
  const args = { ...definition.args, ...COMMON };
  const made = defineCommand({
    meta: { name: definition.name, description: definition.description },
    args,
    run: async ({ args: parsed, rawArgs }) => {
      const output = createOutput({ json: parsed["json"] === true, quiet: parsed["quiet"] === true });
      const own = parsed as unknown as Context<Args>["args"];
      const work = definition.run({ args: own, words: parsed._, given: flagsOf(rawArgs), output, signal: interruption.signal });
      await (definition.drains?.(own) === true ? work : Promise.race([work, givenUp(interruption.signal)]));
    },
  }) as unknown as CommandDef;
  const { examples, groups, repeats = false } = definition;
  DECLARED.set(made, { examples, args, repeats, ...(groups === undefined ? {} : { groups }) });
  return made;
}

function flagsOf(rawArgs: readonly string[]): ReadonlySet<string> {
  const end = rawArgs.indexOf("--");
  const flags = (end < 0 ? rawArgs : rawArgs.slice(0, end)).flatMap((word) => /^--(?:no-)?([a-z][a-z0-9-]*)/.exec(word)?.[1] ?? []);
  return new Set(flags);
}

/** Rejects some time after Ctrl-C: work that cannot be stopped is left behind, its temporary files removed as the process exits. */
async function givenUp(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, "abort");
  await new Promise((resolve) => setTimeout(resolve, GRACE));
  throw signal.reason;
}

/** A group of commands, such as `graft base`. */
export function commandGroup(definition: {
  name: string;
  description: string;
  commands: Readonly<Record<string, CommandDef>>;
}): CommandDef {
  return defineCommand({
    meta: { name: definition.name, description: definition.description },
    subCommands: definition.commands,
  }) as CommandDef;
}

/** An argument that must be a number, within bounds; USAGE otherwise. */
export function numberArgument(
  value: string | undefined,
  name: string,
  { least = Number.NEGATIVE_INFINITY, whole = false }: { least?: number; whole?: boolean } = {},
): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (value.trim() !== "" && Number.isFinite(number) && number >= least && (!whole || Number.isSafeInteger(number))) return number;
  throw new GraftError(
    "USAGE",
    `Cannot read --${name} "${value}": want a ${whole ? "whole " : ""}number${Number.isFinite(least) ? ` of at least ${least}` : ""}`,
  );
}
