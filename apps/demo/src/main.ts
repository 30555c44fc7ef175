import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { isGraftError } from "@graft/error";
import { startServer, stopOnSignal } from "@graft/server";
import { Progress } from "@graft/terminal";
import { DEMO_ADAPTERS } from "./adapters.ts";
import { fillRegistry } from "./fill-registry.ts";
import { takePictures } from "./take-pictures.ts";

const HELP = `npm run demo -- [--port 7447] [--data .cache/demo] [--pictures <folder>]

Starts a registry with a dozen small real adapters, trained here the first time (about a minute), and prints its address.
--pictures takes one of every page in light, dark and phone width with the Chromium that is installed, and stops.`;
const ROWS = { train: 900, test: 300 };

/** Fills the registry the first time, and stays until a signal. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "7447" },
      data: { type: "string", default: join(import.meta.dirname, "..", "..", "..", ".cache", "demo") },
      pictures: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help === true) return console.log(HELP);
  const server = await startServer({ port: Number(values.port), data: join(values.data, "registry"), logLevel: "warn" });
  const stop = new AbortController();
  stopOnSignal({ close: () => (stop.abort(), server.close()) });
  const token = (await readFile(server.tokenFile, "utf8")).trim();
  const progress = new Progress({ enabled: true });
  const told = (done: number, label: string): void =>
    progress.update({ label: "   Training", done, total: DEMO_ADAPTERS.length, detail: label });
  await fillRegistry({ registry: server.url, token, folder: join(values.data, "adapters"), rows: ROWS, told, signal: stop.signal });
  progress.end();
  if (values.pictures !== undefined) {
    const count = await takePictures(server.url, resolve(process.env["INIT_CWD"] ?? ".", values.pictures));
    process.stdout.write(`${count} pictures are in ${values.pictures}\n`);
    return await server.close();
  }
  process.stdout.write(
    `A registry with ${DEMO_ADAPTERS.length} versions is at ${server.url} until Ctrl-C\nIts token for publishing: ${server.tokenFile}\n`,
  );
}

try {
  await main();
} catch (cause) {
  if (!isGraftError(cause)) throw cause;
  process.stderr.write(`${cause.code}: ${cause.message}${cause.hint === undefined ? "" : `. ${cause.hint}`}\n`);
  process.exitCode = cause.exit;
}
