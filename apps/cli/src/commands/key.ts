import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readConfiguration, userFolders, writeConfiguration } from "@graft/client/node";
import { GraftError } from "@graft/error";
import { fileError, writeFileWhole } from "@graft/files";
import { createSecretKey, openSigningKey, openVerifyingKey, type SigningKey } from "@graft/trust";
import { command, commandGroup } from "../command.ts";

const FILE = {
  type: "positional",
  description: "File of the key; author-key beside the configuration when left out",
  required: false,
} as const;

const create = command({
  name: "key create",
  description: "Make a key of your own to sign what you publish",
  examples: ["graft key create", "graft key create ./author-key"],
  args: { file: FILE },
  run: async ({ args, output }) => {
    const path = args.file ?? defaultFile();
    const secret = await createSecretKey();
    await mkdir(dirname(path), { recursive: true });
    await writeFileWhole(path, `${secret}\n`, { overwrite: false, mode: 0o600 });
    const { public: key } = await openSigningKey(secret);
    output.line(`Key ${key.id} in ${path}: whoever has this file signs as you`);
    output.line(`  public key ${key.key}`);
    output.result({ path, ...key });
  },
});

const exportKey = command({
  name: "key export",
  description: "Print the public half of your key, for others to pin",
  examples: ["graft key export", "graft key export ./author-key"],
  args: { file: FILE },
  run: async ({ args, output }) => {
    const { public: key } = await readSigningKey(args.file ?? defaultFile());
    output.line(key.key);
    output.result(key);
  },
});

const pin = command({
  name: "key pin",
  description: "Demand that adapters of a scope or name are signed by an author's key",
  examples: ["graft key pin @acme h8Z0nq3f2b1vJm5yQxk8Hn6pTq0d7sJcE4rW9uLaXgM", "graft key pin @acme/topics --remove"],
  args: {
    name: { type: "positional", description: "@scope or @scope/name", required: true },
    key: { type: "positional", description: "Public key, as graft key export prints it", required: false },
    remove: { type: "boolean", description: "Demand no key any more" },
  },
  run: async ({ args, output }) => {
    if (!/^@[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)?$/.test(args.name))
      throw new GraftError("NAME_INVALID", `Cannot pin a key for "${args.name}": want @scope or @scope/name`);
    if ((args.key === undefined) !== (args.remove === true))
      throw new GraftError("USAGE", "Cannot pin: want a public key, or --remove", { hint: "Ask the author for it (graft key export)" });
    const key = args.key === undefined ? undefined : await openVerifyingKey(args.key);
    const { configuration: path } = userFolders(process.env);
    const configuration = await readConfiguration(path);
    const { [args.name]: _, ...others } = configuration.authors ?? {};
    await writeConfiguration(path, { ...configuration, authors: key === undefined ? others : { ...others, [args.name]: key.key } });
    output.line(key === undefined ? `${args.name} may be signed by anybody` : `${args.name} must be signed by ${key.id}`);
    output.result({ name: args.name, key: key?.key });
  },
});

/** `graft key`: keys of authors. */
export const key = commandGroup({
  name: "key",
  description: "Keys of authors: make one, show it, demand one",
  commands: { create, export: exportKey, pin },
});

/** Opens a key that `graft key create` wrote. FILE_NOT_FOUND, NAME_INVALID. */
export async function readSigningKey(path: string): Promise<SigningKey> {
  const secret = await readFile(path, "utf8").catch((cause: unknown) => {
    throw fileError(cause, `read the key "${path}"`);
  });
  return openSigningKey(secret);
}

function defaultFile(): string {
  return join(dirname(userFolders(process.env).configuration), "author-key");
}
