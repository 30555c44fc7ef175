import { readManifest } from "@graft/format";
import { openCache, parseSize, readConfiguration, userFolders, type BlobCache } from "@graft/client/node";
import { fileSource } from "@graft/safetensors/node";
import { formatBytes } from "@graft/terminal";
import { command, commandGroup, numberArgument } from "../command.ts";

const DAY = 24 * 60 * 60 * 1000;

async function machineCache(): Promise<BlobCache> {
  return openCache({}, await readConfiguration(userFolders(process.env).configuration));
}

const list = command({
  name: "cache ls",
  description: "List what the cache holds, the longest unused first",
  examples: ["graft cache ls", "graft cache ls --json"],
  args: {},
  run: async ({ output }) => {
    const cache = await machineCache();
    const entries = await Promise.all((await cache.entries()).map(async (entry) => ({ ...entry, adapter: await nameOf(entry.path) })));
    const bytes = entries.reduce((sum, { size }) => sum + size, 0);
    if (entries.length > 0)
      output.table(
        entries.map(({ adapter, digest, size, lastUsed }) => [adapter ?? "?", formatBytes(size), lastUsed.toISOString(), digest]),
        { head: ["adapter", "size", "last used", "digest"] },
      );
    output.line(`${entries.length} ${entries.length === 1 ? "adapter" : "adapters"}, ${formatBytes(bytes)} in ${cache.folder}`);
    output.result({ folder: cache.folder, bytes, entries });
  },
});

const verify = command({
  name: "cache verify",
  description: "Read every byte of the cache and remove what is damaged; it is fetched again when it is wanted",
  examples: ["graft cache verify"],
  args: {},
  run: async ({ output, signal }) => {
    const cache = await machineCache();
    const found = await cache.verify({
      signal,
      progress: (done, total) => output.progress.update({ label: "Verifying", done, total, detail: formatBytes(done) }),
    });
    output.progress.end();
    for (const digest of found.damaged) output.line(`Removed ${digest}: its bytes were damaged`);
    output.line(`${found.entries} read, ${formatBytes(found.bytes)}; ${found.damaged.length} damaged`);
    output.result(found);
  },
});

const prune = command({
  name: "cache prune",
  description: "Remove what no process uses: down to the size limit, the longest unused first, and downloads that were given up",
  examples: ["graft cache prune", "graft cache prune --size 500MB", "graft cache prune --unused-for 30"],
  args: {
    size: { type: "string", description: "Most that may stay; GRAFT_CACHE_SIZE or 5GB when left out", valueHint: "size" },
    "unused-for": { type: "string", description: "Remove what was not used for so many days", valueHint: "days" },
  },
  run: async ({ args, output }) => {
    const days = numberArgument(args["unused-for"], "unused-for", { least: 0 });
    const pruned = await (
      await machineCache()
    ).prune({
      ...(args.size === undefined ? {} : { limit: parseSize(args.size, "--size") }),
      ...(days === undefined ? {} : { unusedFor: days * DAY }),
    });
    output.line(`Removed ${pruned.removed.length}, ${formatBytes(pruned.freed)}; ${formatBytes(pruned.kept)} stay`);
    if (pruned.inUse.length > 0) output.line(`${pruned.inUse.length} would have gone, but a process uses them`);
    output.result(pruned);
  },
});

/** Name and version of an adapter, as its file says; undefined where it says nothing readable. */
async function nameOf(path: string): Promise<string | undefined> {
  const manifest = await fileSource(path)
    .then(readManifest)
    .catch(() => undefined);
  return manifest?.name === undefined ? undefined : `${manifest.name}@${manifest.version ?? "?"}`;
}

/** `graft cache`: what was fetched on this machine. */
export const cache = commandGroup({
  name: "cache",
  description: "List, check and shrink what was fetched",
  commands: { ls: list, verify, prune },
});
