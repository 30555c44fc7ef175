import { GraftError } from "@graft/error";
import {
  backUp,
  checkStores,
  collect,
  moveRegistry,
  readSettings,
  restore,
  rotateKey,
  type Copied,
  type ServerSettings,
} from "@graft/server";
import { formatBytes } from "@graft/terminal";
import { command, commandGroup, numberArgument } from "../command.ts";
import type { Output } from "../output.ts";

const DATA = { data: { type: "string", description: "Folder of the registry (or GRAFT_DATA)", valueHint: "folder" } } as const;

function settingsOf({ data }: { data?: string | undefined }): ServerSettings {
  return readSettings({ ...process.env, ...(data === undefined ? {} : { GRAFT_DATA: data }) });
}

function tell(output: Output, { blobs, known, bytes, rows }: Copied): void {
  output.line(`Copied ${blobs} blobs (${formatBytes(bytes)}), ${known} were there; ${rows} rows`);
  output.result({ blobs, known, bytes, rows });
}

const rotate = command({
  name: "server rotate-key",
  description: "Give a registry a new signing key; clients follow, because the old key signs the change",
  examples: ["graft server rotate-key --data ./registry", "graft server rotate-key --data ./registry --revoke"],
  args: {
    ...DATA,
    revoke: { type: "boolean", description: "The old key may be in other hands: it proves only what is in the log already" },
  },
  run: async ({ args, output }) => {
    const rotated = await rotateKey(settingsOf(args), { revoked: args.revoke === true });
    output.line(`The registry signs with ${rotated.next} now, its key number ${rotated.number}; before it was ${rotated.previous}`);
    output.note("Start its servers again: until then they answer that they cannot sign");
    output.result(rotated);
  },
});

const fsck = command({
  name: "server fsck",
  description: "Hash every blob of a registry again, and find those that are damaged or missing",
  examples: ["graft server fsck --data ./registry", "graft server fsck --data ./registry --repair-from https://mirror.example.com"],
  args: {
    ...DATA,
    "repair-from": {
      type: "string",
      description: "Registry or s3:// bucket that has good bytes (GRAFT_TOKEN is sent there)",
      valueHint: "address",
    },
  },
  run: async ({ args, output }) => {
    const found = await checkStores(settingsOf(args), { repairFrom: args["repair-from"], token: process.env["GRAFT_TOKEN"] });
    const { damaged, missing, repaired } = found;
    for (const digest of damaged) output.line(`damaged ${digest}${repaired.includes(digest) ? ", repaired" : ""}`);
    for (const digest of missing) output.line(`missing ${digest}${repaired.includes(digest) ? ", repaired" : ""}`);
    output.line(
      `Hashed ${found.blobs} blobs (${formatBytes(found.bytes)}): ${damaged.length} damaged, ${missing.length} missing, ${repaired.length} repaired`,
    );
    output.result(found);
    const left = damaged.length + missing.length - repaired.length;
    if (left > 0)
      throw new GraftError("DIGEST_MISMATCH", `Cannot vouch for the registry: ${left} blobs are damaged or missing`, {
        hint: "Run it again with --repair-from a mirror or a bucket that has them",
      });
  },
});

const gc = command({
  name: "server gc",
  description:
    "Remove blobs that no version names: marked at the first run, removed at a later one; servers that run do this by themselves",
  examples: ["graft server gc --data ./registry"],
  args: {
    ...DATA,
    hours: { type: "string", description: "Hours that they stay after they were marked (or GRAFT_KEEP_HOURS)", valueHint: "number" },
  },
  run: async ({ args, output }) => {
    const settings = settingsOf(args);
    const collected = await collect(settings, numberArgument(args.hours, "hours", { least: 0 }) ?? settings.keepHours);
    output.line(
      `Removed ${collected.removed.length} blobs (${formatBytes(collected.removedBytes)}) of ${collected.unnamed} that nothing names, of ${collected.seen}`,
    );
    output.result(collected);
  },
});

const migrate = command({
  name: "server migrate",
  description: "Move a registry to a database that servers share and a bucket; stopped anywhere, it goes on when it is run again",
  examples: [
    "graft server migrate --data ./registry --to postgres://graft@db/graft --blobs 's3://adapters?endpoint=https://s3.example.com'",
  ],
  args: {
    ...DATA,
    to: { type: "string", description: "postgres:// address of an empty database", required: true, valueHint: "url" },
    blobs: { type: "string", description: "s3:// address, or a folder", required: true, valueHint: "place" },
    "only-blobs": { type: "boolean", description: "Copy bytes alone, while the server runs; stop it for the rest" },
  },
  run: async ({ args, output }) => {
    const to = { database: args.to, blobs: args.blobs };
    tell(output, await moveRegistry(settingsOf(args), to, { onlyBlobs: args["only-blobs"] === true }));
    output.note("Start servers with GRAFT_DATABASE and GRAFT_BLOBS, and the signing-key of the old folder");
  },
});

const backup = command({
  name: "server backup",
  description: "Copy a registry into an empty folder that a server can be started on; the registry goes on meanwhile",
  examples: ["graft server backup --data ./registry ./backup"],
  args: { ...DATA, folder: { type: "positional", description: "Where to", required: true } },
  run: async ({ args, output }) => tell(output, await backUp(settingsOf(args), args.folder)),
});

const restoreCommand = command({
  name: "server restore",
  description: "Fill an empty registry from a backup",
  examples: ["graft server restore --data ./registry ./backup"],
  args: { ...DATA, folder: { type: "positional", description: "The backup", required: true } },
  run: async ({ args, output }) => tell(output, await restore(settingsOf(args), args.folder)),
});

/** `graft server`: the registry of a data folder, looked after. */
export const server = commandGroup({
  name: "server",
  description: "Look after a registry's data",
  commands: { fsck, gc, migrate, backup, restore: restoreCommand, "rotate-key": rotate },
});
