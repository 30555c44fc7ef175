import { once } from "node:events";
import { defineCommand, type ArgsDef, type CommandDef, type ParsedArgs } from "citty";
import { GraftError } from "@graft/error";
import { createOutput, type Output } from "./output.ts";

/** What a command gets: its parsed arguments, where it prints, and the signal of Ctrl-C. */
export interface Context<Args extends ArgsDef> {
  readonly args: ParsedArgs<Args & typeof COMMON>;
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
  /** Ends by itself after Ctrl-C, and takes its time: a server that drains. */
  readonly drains?: true;
  readonly run: (context: Context<Args>) => Promise<void>;
}

/** Options that every command has. */
export const COMMON = {
  json: { type: "boolean", description: "Print JSON for a program to read" },
  quiet: { type: "boolean", description: "Print no progress" },
} as const satisfies ArgsDef;

/** Examples of a command, for its help. */
export const EXAMPLES = new WeakMap<CommandDef, readonly string[]>();

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
    run: async ({ rawArgs, args: parsed }) => {
      refuseUnknown(rawArgs, args, definition.name);
      const output = createOutput({ json: parsed["json"] === true, quiet: parsed["quiet"] === true });
      const work = definition.run({ args: parsed as unknown as ParsedArgs<Args & typeof COMMON>, output, signal: interruption.signal });
      await (definition.drains === true ? work : Promise.race([work, givenUp(interruption.signal)]));
    },
  }) as unknown as CommandDef;
  EXAMPLES.set(made, definition.examples);
  return made;
}

/** Rejects some time after Ctrl-C: work that cannot be stopped is left behind, its temporary files removed as the process exits. */
async function givenUp(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, "abort");
  await new Promise((resolve) => setTimeout(resolve, GRACE));
  throw signal.reason;
}

/** A group of commands, such as `graft base`. */
export function commandGroup(definition: { name: string; description: string; commands: Readonly<Record<string, CommandDef>> }): CommandDef {
  return defineCommand({ meta: { name: definition.name, description: definition.description }, subCommands: definition.commands }) as CommandDef;
}

/** An argument that must be a number, within bounds; USAGE otherwise. */
export function numberArgument(value: string | undefined, name: string, { least = Number.NEGATIVE_INFINITY, whole = false }: { least?: number; whole?: boolean } = {}): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (value.trim() !== "" && Number.isFinite(number) && number >= least && (!whole || Number.isSafeInteger(number))) return number;
  throw new GraftError("USAGE", `Cannot read --${name} "${value}": want a ${whole ? "whole " : ""}number${Number.isFinite(least) ? ` of at least ${least}` : ""}`);
}

function refuseUnknown(rawArgs: readonly string[], args: ArgsDef, name: string): void {
  const known = new Map(Object.entries(args).flatMap(([key, definition]) => [key, ...[("alias" in definition ? definition.alias : undefined) ?? []].flat()].map((flag) => [flag, definition])));
  const positionals = Object.values(args).filter((definition) => definition.type === "positional").length;
  let words = 0;
  for (let index = 0; index < rawArgs.length; index++) {
    const word = rawArgs[index] as string;
    if (word === "--") break;
    if (!/^-{1,2}[A-Za-z]/.test(word)) {
      words += 1;
      continue;
    }
    const flag = word.replace(/^-+/, "").split("=", 1)[0] as string;
    const definition = known.get(flag) ?? known.get(flag.replace(/^no-/, ""));
    if (definition === undefined || definition.type === "positional") throw new GraftError("USAGE", `Cannot run "graft ${name}": it has no option "${word}"`, { hint: `See graft ${name} --help` });
    if (definition.type !== "boolean" && !word.includes("=")) {
      index += 1;
      if (index >= rawArgs.length) throw new GraftError("USAGE", `Cannot run "graft ${name}": "${word}" needs a value`, { hint: `See graft ${name} --help` });
    }
  }
  if (words > positionals) throw new GraftError("USAGE", `Cannot run "graft ${name}": ${words} arguments given, at most ${positionals} expected`, { hint: `See graft ${name} --help` });
}
