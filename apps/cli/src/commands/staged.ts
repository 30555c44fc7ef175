import { formatBytes } from "@graft/terminal";
import { command } from "../command.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";

/** `graft staged`: versions that wait for approval. */
export const staged = command({
  name: "staged",
  description: "List versions that wait for approval",
  examples: ["graft staged", "graft staged @acme/topics --json"],
  args: { ...REGISTRY_ARGS, adapter: { type: "positional", description: "@scope/name; all when left out", required: false } },
  run: async ({ args, output }) => {
    const { registry } = await openClient(args, args.adapter);
    const { staged: found, next } = await registry.staged({ name: args.adapter, limit: 100 });
    if (found.length === 0) output.line("None wait for approval");
    else
      output.table(
        found.map((each) => [`${each.name}@${each.version}`, formatBytes(each.size), each.stagedAt, each.digest]),
        { head: ["version", "size", "staged", "digest"] },
      );
    if (next !== undefined) output.note("There are more: name an adapter");
    output.result({ staged: found, next });
  },
});
