import { createInterface } from "node:readline/promises";
import { AccessClient } from "@graft/client";
import { GraftError } from "@graft/error";
import { createClient, readConfiguration, userFolders, writeConfiguration } from "@graft/client/node";
import { command } from "../command.ts";
import type { Output } from "../output.ts";
import { REGISTRY_ARGS } from "../registry-options.ts";
import { signInAsWorkload, signInByBrowser, signInByPassword } from "../sign-in.ts";

/** `graft login`: gets a token, or checks one, and keeps it for its registry. */
export const login = command({
  name: "login",
  description: "Sign in to a registry, and keep the token for later commands",
  examples: [
    "graft login --registry http://127.0.0.1:7447",
    "graft login --registry http://127.0.0.1:7447 --user alice",
    "graft login --registry http://127.0.0.1:7447 --user alice --invitation 5fQ0a1",
    "graft login --registry http://127.0.0.1:7447 < token.txt",
    "graft login --registry https://graft.example.com --workload",
  ],
  args: {
    ...REGISTRY_ARGS,
    browser: { type: "boolean", description: "Sign in through a browser; what a terminal does when nothing else is said" },
    user: { type: "string", description: "Sign in by this account and its password, which is asked for", valueHint: "name" },
    invitation: { type: "string", description: "Make the account of --user first, with this code (graft invite)", valueHint: "code" },
    workload: { type: "boolean", description: "Sign in as the workflow that runs here (GitHub's, GitLab's)" },
  },
  run: async ({ args, output, signal }) => {
    if (args.invitation !== undefined && args.user === undefined)
      throw new GraftError("USAGE", "Cannot use the invitation: it makes an account that has no name yet", { hint: "Pass --user <name>" });
    const text = args.token ?? process.env["GRAFT_TOKEN"];
    const { connection } = (await createClient({ registry: args.registry, token: text })).registry;
    // A token of before that has expired would be refused here, too.
    const access = new AccessClient({ ...connection, token: undefined });
    const isAsked = args.user !== undefined || args.workload === true || args.browser === true;
    const token = await (async () => {
      if (args.user !== undefined) return (await signInByPassword(access, { user: args.user, invitation: args.invitation })).token;
      if (args.workload === true) return (await signInAsWorkload(access)).token;
      if (!isAsked && text !== undefined) return text;
      if (isAsked) return (await signInByBrowser(access, { output, signal })).token;
      if (process.stdin.isTTY === true) return await browserOrToken(access, { output, signal });
      return await readToken();
    })();
    const client = await createClient({ registry: args.registry, token });
    const record = await client.registry.whoami();
    const { registry } = client.registry.connection;
    const path = userFolders(process.env).configuration;
    const configuration = await readConfiguration(path);
    await writeConfiguration(path, { ...configuration, registry, tokens: { ...configuration.tokens, [registry]: token } });
    output.line(`Logged in to ${registry} as "${record.user ?? record.label}"`);
    output.result({ registry, token: record });
  },
});

/** In a terminal: through the browser, or a token that is pasted meanwhile, such as the first one of a new registry. */
async function browserOrToken(access: AccessClient, { output, signal }: { output: Output; signal: AbortSignal }): Promise<string> {
  output.note("Sign in through the browser, or paste a token here");
  const done = new AbortController();
  const either = AbortSignal.any([signal, done.signal]);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const pasted = (async () => {
    for (;;) {
      const text = (await lines.question("", { signal: either })).trim();
      if (text !== "") return text;
    }
  })();
  const allowed = signInByBrowser(access, { output, signal: either }).then(({ token }) => token);
  try {
    return await Promise.race([allowed, pasted]);
  } finally {
    done.abort();
    lines.close();
    await Promise.allSettled([allowed, pasted]);
  }
}

/** The first line of standard input. */
async function readToken(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  try {
    const text = (await lines[Symbol.asyncIterator]().next()).value as string | undefined;
    if (text !== undefined && text.trim() !== "") return text.trim();
  } finally {
    lines.close();
  }
  throw new GraftError("USAGE", "Cannot log in: no token was given", {
    hint: "Pass --browser, --user or --token; the server printed a token when it first started",
  });
}
