#!/usr/bin/env node
import { isGraftError } from "@graft/error";
import { describeSettings, readSettings } from "./settings.ts";
import { startMirror } from "./start-mirror.ts";
import { startServer } from "./start-server.ts";
import { stopOnSignal } from "./stop-on-signal.ts";

const HELP = `graft-server: a registry of adapters

Settings are environment variables:
${describeSettings()}

Example:
  GRAFT_PORT=8080 GRAFT_DATA=/var/lib/graft graft-server`;

/** Starts the server and stays until a signal; errors go to standard error in one line. */
async function main(): Promise<void> {
  if (process.argv.includes("--help") || process.argv.includes("-h")) return console.log(HELP);
  const settings = readSettings(process.env);
  if (settings.upstream !== undefined) {
    const mirror = await startMirror({ ...settings, upstream: settings.upstream });
    stopOnSignal(mirror);
    process.stderr.write(`Mirror of ${settings.upstream} at ${mirror.url}\n`);
    return;
  }
  const server = await startServer(settings);
  stopOnSignal(server);
  process.stderr.write(`Registry at ${server.url}\n`);
  if (server.metricsUrl !== undefined) process.stderr.write(`Figures at ${server.metricsUrl}\n`);
  if (server.token !== undefined) process.stderr.write(`First token, shown once and kept in ${server.tokenFile}: ${server.token}\n`);
}

try {
  await main();
} catch (cause) {
  if (!isGraftError(cause)) throw cause;
  process.stderr.write(`${cause.code}: ${cause.message}${cause.hint === undefined ? "" : `. ${cause.hint}`}\n`);
  process.exitCode = cause.exit;
}
