import { renderUsage, runCommand, type CommandDef } from "citty";
import { GraftError, isGraftError } from "@graft/error";
import { COMMANDS } from "./commands.ts";
import { EXAMPLES, interruption } from "./command.ts";
import { VERSION } from "./version.ts";

const ROOT: CommandDef = { meta: { name: "graft", version: VERSION, description: "Train, publish, pull and merge LoRA adapters" }, subCommands: COMMANDS as NonNullable<CommandDef["subCommands"]> };

/** Runs one command line and gives its exit status: that of the error table, 0 when all went well. */
export async function run(rawArgs: readonly string[]): Promise<number> {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interruption.abort(new GraftError("CANCELLED", "Cancelled")));
  // A pipe that closes early (`graft search | head`) is no error.
  process.stdout.on("error", (cause: NodeJS.ErrnoException) => process.exit(cause.code === "EPIPE" ? 0 : 1));
  try {
    if (rawArgs.length === 1 && ["--version", "-v"].includes(rawArgs[0] as string)) process.stdout.write(`${VERSION}\n`);
    else if (rawArgs.length === 0 || rawArgs.some((word) => word === "--help" || word === "-h")) process.stdout.write(await help(rawArgs));
    else await runCommand(ROOT, { rawArgs: [...rawArgs] });
    return 0;
  } catch (cause) {
    return report(cause, rawArgs);
  }
}

/** The help of the command that the words name: usage, options and examples. */
async function help(rawArgs: readonly string[]): Promise<string> {
  let command = ROOT;
  let parent: CommandDef | undefined;
  for (const word of rawArgs.filter((argument) => !argument.startsWith("-"))) {
    const next: CommandDef | undefined = (command.subCommands as Readonly<Record<string, CommandDef>> | undefined)?.[word];
    if (next === undefined) break;
    [parent, command] = [command, next];
  }
  const examples = EXAMPLES.get(command) ?? [];
  const usage = await renderUsage(command, parent);
  return `${usage}\n${examples.length === 0 ? "" : `\nEXAMPLES\n\n${examples.map((line) => `  ${line}\n`).join("")}`}\n`;
}

function report(cause: unknown, rawArgs: readonly string[]): number {
  const error = asGraftError(cause);
  if (rawArgs.includes("--json")) {
    process.stderr.write(`${JSON.stringify({ error: { code: error.code, message: error.message, hint: error.hint, detail: error.detail } })}\n`);
  } else {
    process.stderr.write(`${error.message} [${error.code}]${error.hint === undefined ? "" : `. ${error.hint}`}\n`);
    if (error.code === "INTERNAL" && error.cause instanceof Error) process.stderr.write(`${error.cause.stack ?? ""}\n`);
  }
  return error.exit;
}

function asGraftError(cause: unknown): GraftError {
  if (isGraftError(cause)) return cause;
  if (interruption.signal.aborted) return new GraftError("CANCELLED", "Cancelled");
  // citty's own errors are about the command line.
  if (cause instanceof Error && cause.name === "CLIError") return new GraftError("USAGE", cause.message.replaceAll(/\u001b\[\d+m/g, ""), { hint: "See graft --help" });
  return new GraftError("INTERNAL", `Graft failed: ${cause instanceof Error ? cause.message : String(cause)}`, { hint: "This is a fault of Graft's own; please report it", cause });
}
