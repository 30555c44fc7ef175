import { once } from "node:events";
import { readSettings, startServer } from "@graft/server";
import { command, numberArgument } from "../command.ts";

/** `graft serve`: a registry on this machine, until Ctrl-C. */
export const serve = command({
  name: "serve",
  description: "Run a registry over one folder, or over a database that servers share, until Ctrl-C",
  examples: ["graft serve --data ./registry", "graft serve --data ./registry --port 0 --json"],
  args: {
    data: { type: "string", description: "Folder of the database and the blobs (or GRAFT_DATA)", valueHint: "folder" },
    database: {
      type: "string",
      description: "postgres:// address of the database (or GRAFT_DATABASE, which keeps a password out of the list of processes)",
      valueHint: "url",
    },
    blobs: { type: "string", description: "Folder of the blobs, or s3://bucket?endpoint=… (or GRAFT_BLOBS)", valueHint: "place" },
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
      ...(port === undefined ? {} : { GRAFT_PORT: String(port) }),
      ...(args.host === undefined ? {} : { GRAFT_HOST: args.host }),
    });
    const server = await startServer(settings);
    output.line(`Registry at ${server.url}, data in ${settings.data}`);
    if (server.token !== undefined) output.line(`First token, shown once and kept in ${server.tokenFile}: ${server.token}`);
    output.result({ url: server.url, data: settings.data, tokenFile: server.tokenFile, token: server.token });
    if (!signal.aborted) await once(signal, "abort");
    await server.close();
  },
});
