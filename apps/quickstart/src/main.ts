import { parseArgs } from "node:util";
import { GraftError, isGraftError } from "@graft/error";
import { quickstart } from "./quickstart.ts";

const HELP = `npm run quickstart [-- --output <folder>]

Trains an adapter for the base that comes with Graft, publishes it to a registry on this machine, finds it by the
content of the base, pulls it as another client, verifies, merges and evaluates it. Needs no network once installed.

  --output <folder>  Where the run's folder is made (default ./quickstart-output)
`;

/** Runs the quickstart once; Ctrl-C removes what the run has written. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { output: { type: "string", default: "quickstart-output" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const interruption = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => interruption.abort(new GraftError("CANCELLED", "Cancelled; what this run had written was removed")));
  await quickstart({ output: values.output, signal: interruption.signal });
  return 0;
}

try {
  process.exitCode = await main();
} catch (cause) {
  const error = isGraftError(cause) ? cause : undefined;
  process.stderr.write(
    error === undefined
      ? `${cause instanceof Error ? cause.stack : String(cause)}\n`
      : `\n${error.message} [${error.code}]${error.hint === undefined ? "" : `. ${error.hint}`}\n`,
  );
  process.exitCode = error?.exit ?? (cause instanceof TypeError && "code" in cause ? 2 : 1);
}
