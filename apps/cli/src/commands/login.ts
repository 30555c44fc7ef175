import { createInterface } from "node:readline/promises";
import { GraftError } from "@graft/error";
import { createClient, readConfiguration, userFolders, writeConfiguration } from "@graft/client/node";
import { command } from "../command.ts";
import { REGISTRY_ARGS } from "../registry-options.ts";

/** `graft login`: checks a token and keeps it for its registry. */
export const login = command({
  name: "login",
  description: "Keep a registry and a token for later commands",
  examples: ["graft login --registry http://127.0.0.1:7447 --token graft_…", "graft login --registry http://127.0.0.1:7447 < token.txt"],
  args: REGISTRY_ARGS,
  run: async ({ args, output }) => {
    const token = args.token ?? process.env["GRAFT_TOKEN"] ?? (await askForToken());
    const client = await createClient({ registry: args.registry, token });
    const record = await client.registry.whoami();
    const { registry } = client.registry.connection;
    const path = userFolders(process.env).configuration;
    const configuration = await readConfiguration(path);
    await writeConfiguration(path, { ...configuration, registry, tokens: { ...configuration.tokens, [registry]: token } });
    output.line(`Logged in to ${registry} as "${record.label}"`);
    output.result({ registry, token: record });
  },
});

/** The first line of standard input; a person is asked for it. */
async function askForToken(): Promise<string> {
  const terminal = process.stdin.isTTY === true;
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal });
  try {
    const text = terminal ? await lines.question("Token: ") : (await lines[Symbol.asyncIterator]().next()).value;
    if (text !== undefined && text.trim() !== "") return text.trim();
  } finally {
    lines.close();
  }
  throw new GraftError("USAGE", "Cannot log in: no token was given", {
    hint: "Pass --token; the server printed one when it first started",
  });
}
