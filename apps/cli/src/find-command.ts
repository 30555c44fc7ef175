import type { ArgsDef, CommandDef } from "citty";
import { GraftError } from "@graft/error";
import { DECLARED } from "./command.ts";

/** The command that the first words of a line name, those words, and what comes after them. */
export interface FoundCommand {
  readonly command: CommandDef;
  readonly path: readonly string[];
  readonly rest: readonly string[];
}

/** Follows words down the groups of commands, as far as they lead. */
export async function findCommand(root: CommandDef, words: readonly string[]): Promise<FoundCommand> {
  let command = root;
  let depth = 0;
  for (const word of words) {
    const next: SubCommand | undefined = subCommands(command)[word];
    if (next === undefined) break;
    command = typeof next === "function" ? await next() : next;
    depth += 1;
  }
  return { command, path: ["graft", ...words.slice(0, depth)], rest: words.slice(depth) };
}

/** Refuses a line that names no command, or has an option, a value or a word that its command does not take. USAGE. */
export function checkLine({ command, path, rest }: FoundCommand): void {
  const line = path.join(" ");
  const declared = DECLARED.get(command);
  if (declared === undefined) {
    const [word] = rest;
    const names = Object.keys(subCommands(command)).join(", ");
    throw new GraftError(
      "USAGE",
      word === undefined ? `Cannot run "${line}": want one of ${names}` : `Cannot run "${line} ${word}": there is no such command`,
      { hint: `See ${line} --help` },
    );
  }
  const refuse = (why: string): never => {
    throw new GraftError("USAGE", `Cannot run "${line}": ${why}`, { hint: `See ${line} --help` });
  };
  const given = checkWords(rest, { args: declared.args, repeats: declared.repeats === true, refuse });
  for (const [name, definition] of Object.entries(declared.args)) {
    if (!("required" in definition) || definition.required !== true) continue;
    if (definition.type === "positional" ? given.words === 0 : !given.flags.has(name))
      refuse(definition.type === "positional" ? `the ${name} is missing` : `--${name} is missing`);
  }
}

/** Counts what is there, and refuses what the command does not know. */
function checkWords(
  rest: readonly string[],
  { args, repeats, refuse }: { args: ArgsDef; repeats: boolean; refuse: (why: string) => never },
): { words: number; flags: ReadonlySet<string> } {
  const known = new Map(Object.entries(args).filter(([, { type }]) => type !== "positional"));
  const positionals = Object.keys(args).length - known.size;
  const flags = new Set<string>();
  let words = 0;
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index] as string;
    if (word === "--") {
      words += rest.length - index - 1;
      break;
    }
    if (!/^-{1,2}[A-Za-z]/.test(word)) {
      words += 1;
      continue;
    }
    const flag = word.replace(/^-+/, "").split("=", 1)[0] as string;
    const type = known.get(flag)?.type ?? (known.get(flag.replace(/^no-/, ""))?.type === "boolean" ? "boolean" : undefined);
    if (type === undefined) return refuse(`it has no option "${word}"`);
    flags.add(flag);
    if (type === "boolean" || word.includes("=")) continue;
    index += 1;
    if (index >= rest.length) refuse(`"${word}" needs a value`);
  }
  if (words > positionals && !repeats) refuse(`${words} arguments are given, at most ${positionals} expected`);
  return { words, flags };
}

type SubCommand = CommandDef | (() => Promise<CommandDef>);

/** The commands of a group by name; none of a command. */
export function subCommands({ subCommands: commands }: CommandDef): Readonly<Record<string, SubCommand>> {
  return Object.assign(Object.create(null), commands) as Record<string, SubCommand>;
}
