import { styleText } from "node:util";
import type { ArgDef, ArgsDef } from "citty";
import { DECLARED } from "./command.ts";
import { type FoundCommand, subCommands } from "./find-command.ts";

/** Columns of a terminal that tells nothing, and the most that a line of text is read well in. */
const USUAL_WIDTH = 100;
/** Longest name of an option that its description stands beside; after a longer one it begins a line of its own. */
const NAME_WIDTH = 28;

/** The help of a command or a group: usage, commands or options by what they are about, examples. Plain unless `colour`. */
export async function renderHelp(
  { command, path }: Pick<FoundCommand, "command" | "path">,
  { width = USUAL_WIDTH, colour = false, version }: { width?: number | undefined; colour?: boolean; version: string },
): Promise<string> {
  const bold = (text: string): string => (colour ? styleText("bold", text) : text);
  const { description = "" } = (command.meta ?? {}) as { description?: string };
  const declared = DECLARED.get(command);
  const names = path.length === 1 ? `${path.join(" ")} v${version}` : path.join(" ");
  const lines = [`${description} (${names})`, ""];
  const section = (title: string, rows: readonly (readonly [name: string, text: string])[]): void => {
    lines.push(bold(title.toUpperCase()), "", ...rows.flatMap(([name, text]) => columns(name, text, Math.min(width, USUAL_WIDTH))), "");
  };
  if (declared === undefined) {
    const commands = Object.entries(subCommands(command)).map(async ([name, made]) => {
      const { meta } = typeof made === "function" ? await made() : made;
      return [name, (meta as { description?: string } | undefined)?.description ?? ""] as const;
    });
    lines.push(`${bold("USAGE")} ${path.join(" ")} <command>`, "");
    section("Commands", await Promise.all(commands));
    lines.push(`Use ${path.join(" ")} <command> --help for more information about a command.`);
    return `${lines.join("\n")}\n`;
  }
  lines.push(usage(path, declared.args, bold("USAGE")), "");
  const positional = Object.entries(declared.args).filter(([, { type }]) => type === "positional");
  if (positional.length > 0)
    section(
      "Arguments",
      positional.map(([name, argument]) => [name.toUpperCase(), describe(argument)]),
    );
  const grouped = new Set(Object.values(declared.groups ?? {}).flatMap((group) => Object.keys(group)));
  const plain = Object.fromEntries(Object.entries(declared.args).filter(([name, { type }]) => type !== "positional" && !grouped.has(name)));
  section("Options", options(plain));
  for (const [title, group] of Object.entries(declared.groups ?? {})) section(title, options(group));
  lines.push(bold("EXAMPLES"), "", ...declared.examples.map((line) => `  ${line}`));
  return `${lines.join("\n")}\n`;
}

function usage(path: readonly string[], args: ArgsDef, title: string): string {
  const words = Object.entries(args).flatMap(([name, argument]) => {
    if (argument.type === "positional") return [argument.required === false ? `[${name.toUpperCase()}]` : `<${name.toUpperCase()}>`];
    return argument.required === true ? [optionName(name, argument)] : [];
  });
  return [title, path.join(" "), "[OPTIONS]", ...words].join(" ");
}

function options(args: ArgsDef): (readonly [string, string])[] {
  return Object.entries(args).map(([name, argument]) => [optionName(name, argument), describe(argument)] as const);
}

function optionName(name: string, argument: ArgDef): string {
  if (argument.type === "boolean") return `--${name}`;
  return `--${name}=<${argument.type === "enum" ? "choice" : (argument.valueHint ?? "value")}>`;
}

function describe(argument: ArgDef): string {
  const choices = argument.type === "enum" ? `: ${(argument.options ?? []).join(", ")}` : "";
  const fallback = "default" in argument && typeof argument.default === "string" ? ` (default: ${argument.default})` : "";
  const required = argument.required === true && argument.type !== "positional" ? " (required)" : "";
  return `${argument.description ?? ""}${choices}${fallback}${required}`;
}

/** A name and its text, wrapped beside it. */
function columns(name: string, text: string, width: number): string[] {
  const room = Math.max(20, width - NAME_WIDTH - 4);
  const wrapped: string[] = [""];
  for (const word of text.split(" ")) {
    const line = wrapped.at(-1) ?? "";
    if (line !== "" && line.length + 1 + word.length > room) wrapped.push(word);
    else wrapped[wrapped.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  const indent = " ".repeat(NAME_WIDTH + 4);
  const [first = "", ...rest] = wrapped;
  const head = name.length > NAME_WIDTH ? [`  ${name}`, `${indent}${first}`] : [`  ${name.padEnd(NAME_WIDTH)}  ${first}`];
  return [...head, ...rest.map((line) => indent + line)].map((line) => line.trimEnd());
}
