import { once } from "node:events";
import { readSettings, startMirror, startServer } from "@graft/server";
import { command, numberArgument } from "../command.ts";

/** `graft serve`: a registry on this machine, until Ctrl-C. */
export const serve = command({
  name: "serve",
  description: "Run a registry over one folder, or over a database that servers share, until Ctrl-C",
  examples: [
    "graft serve --data ./registry",
    "graft serve --data ./registry --port 0 --json",
    "graft serve --upstream https://adapters.example --data ./mirror",
  ],
  args: {
    data: { type: "string", description: "Folder of the database and the blobs (or GRAFT_DATA)", valueHint: "folder" },
    database: {
      type: "string",
      description: "postgres:// address of the database (or GRAFT_DATABASE, which keeps a password out of the list of processes)",
      valueHint: "url",
    },
    blobs: { type: "string", description: "Folder of the blobs, or s3://bucket?endpoint=… (or GRAFT_BLOBS)", valueHint: "place" },
    upstream: {
      type: "string",
      description:
        "Mirror this registry instead: keep what is pulled through, checked, and show it while the registry is away (or GRAFT_UPSTREAM)",
      valueHint: "url",
    },
    port: { type: "string", description: "Port to listen on; 0 takes a free one (or GRAFT_PORT)", valueHint: "number" },
    host: { type: "string", description: "Address to listen on (or GRAFT_HOST)", valueHint: "address" },
  },
  drains: () => true,
  run: async ({ args, output, signal }) => {
    const port = numberArgument(args.port, "port", { least: 0, whole: true });
    const settings = readSettings({
      GRAFT_LOG_LEVEL: "warn",
      ...process.env,
      ...(args.data === undefined ? {} : { GRAFT_DATA: args.data }),
      ...(args.database === undefined ? {} : { GRAFT_DATABASE: args.database }),
      ...(args.blobs === undefined ? {} : { GRAFT_BLOBS: args.blobs }),
      ...(args.upstream === undefined ? {} : { GRAFT_UPSTREAM: args.upstream }),
      ...(port === undefined ? {} : { GRAFT_PORT: String(port) }),
      ...(args.host === undefined ? {} : { GRAFT_HOST: args.host }),
    });
    if (settings.upstream !== undefined) {
      const mirror = await startMirror({ ...settings, upstream: settings.upstream });
      output.line(`Mirror of ${settings.upstream} at ${mirror.url}, data in ${settings.data}`);
      output.result({ url: mirror.url, data: settings.data, upstream: settings.upstream });
      if (!signal.aborted) await once(signal, "abort");
      return await mirror.close();
    }
    const server = await startServer(settings);
    output.line(`Registry at ${server.url}, data in ${settings.data}`);
    if (server.token !== undefined) output.line(`First token, shown once and kept in ${server.tokenFile}: ${server.token}`);
    output.result({ url: server.url, data: settings.data, tokenFile: server.tokenFile, token: server.token });
    if (!signal.aborted) await once(signal, "abort");
    await server.close();
  },
});
