import { stripVTControlCharacters } from "node:util";
import { runCommand, type CommandDef } from "citty";
import { CODES, GraftError, isGraftError } from "@graft/error";
import { COMMANDS } from "./commands.ts";
import { interruption } from "./command.ts";
import { checkLine, findCommand } from "./find-command.ts";
import { renderHelp } from "./help.ts";
import { VERSION } from "./version.ts";

const ROOT: CommandDef = {
  meta: { name: "graft", version: VERSION, description: "Train, publish, pull and merge LoRA adapters" },
  subCommands: COMMANDS as NonNullable<CommandDef["subCommands"]>,
};

/** Runs one command line and gives its exit status: that of the error table, 0 when all went well. */
export async function run(rawArgs: readonly string[]): Promise<number> {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (interruption.signal.aborted) process.exit(CODES.CANCELLED.exit);
      interruption.abort(new GraftError("CANCELLED", "Cancelled"));
    });
  }
  // A pipe that closes early (`graft search | head`) is no error, and no reason to lose a training.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (cause: NodeJS.ErrnoException) => {
      if (cause.code !== "EPIPE") process.exit(CODES.NOT_WRITABLE.exit);
    });
  }
  let line = "graft";
  try {
    if (rawArgs.length === 1 && ["--version", "-v"].includes(rawArgs[0] as string)) process.stdout.write(`${VERSION}\n`);
    else if (rawArgs.length === 0 || rawArgs.some((word) => word === "--help" || word === "-h")) process.stdout.write(await help(rawArgs));
    else {
      const found = await findCommand(ROOT, rawArgs);
      line = found.path.join(" ");
      checkLine(found);
      await runCommand(found.command, { rawArgs: [...found.rest] });
    }
    return 0;
  } catch (cause) {
    return report(asGraftError(cause, line), rawArgs);
  }
}

/** The help of the command that the words name: usage, options and examples. */
async function help(rawArgs: readonly string[]): Promise<string> {
  const { command, path } = await findCommand(
    ROOT,
    rawArgs.filter((word) => !word.startsWith("-")),
  );
  const colour = process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined;
  return renderHelp({ command, path }, { width: process.stdout.columns, colour, version: VERSION });
}

function report(error: GraftError, rawArgs: readonly string[]): number {
  if (rawArgs.includes("--json")) {
    process.stderr.write(
      `${JSON.stringify({ error: { code: error.code, message: error.message, hint: error.hint, detail: error.detail } })}\n`,
    );
  } else {
    process.stderr.write(`${oneLine(`${error.message} [${error.code}]${error.hint === undefined ? "" : `. ${error.hint}`}`)}\n`);
    if (error.code === "INTERNAL" && error.cause instanceof Error) process.stderr.write(`${error.cause.stack ?? ""}\n`);
  }
  return error.exit;
}

/** `line` is the command that was run, for its help. */
function asGraftError(cause: unknown, line: string): GraftError {
  if (isGraftError(cause)) return cause;
  if (interruption.signal.aborted) return new GraftError("CANCELLED", "Cancelled");
  // What citty still refuses: a value that is none of an option's choices.
  if (cause instanceof Error && cause.name === "CLIError")
    return new GraftError("USAGE", `Cannot read the arguments: ${stripVTControlCharacters(cause.message).replace(/\.$/, "")}`, {
      hint: `See ${line} --help`,
    });
  return new GraftError("INTERNAL", `Graft failed: ${cause instanceof Error ? cause.message : String(cause)}`, {
    hint: "This is a fault of Graft's own; please report it",
    cause,
  });
}

/** Messages of libraries have line breaks, those of files may have anything. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, " ").replaceAll(/\p{Cc}/gu, "�");
}
