import { explainAdapter } from "@graft/client/node";
import { command } from "../command.ts";
import { openProject } from "../project/open-project.ts";

/** `graft why`: how an app came to an adapter. */
export const why = command({
  name: "why",
  description: "Say why this app has an adapter: what asks for it, what it is pinned to, and for which base",
  examples: ["graft why @acme/topics", "graft why @acme/topics@1.2.0"],
  args: { adapter: { type: "positional", description: "@scope/name, @scope/name@version, or the digest of its file", required: true } },
  run: async ({ args, output }) => {
    const { folder } = await openProject({});
    const reason = await explainAdapter(folder, args.adapter);
    const { name, asked, pinned, registry, beside } = reason;
    output.line(pinned === undefined ? name : `${name}@${pinned.version}`);
    output.line(
      asked === undefined ? "  graft.json does not ask for it any more: graft install drops it" : `  graft.json asks for ${asked}`,
    );
    if (pinned === undefined) output.line("  graft-lock.json does not pin it yet: graft install does");
    else {
      output.line(`  graft-lock.json pins ${pinned.digest} of ${registry}`);
      output.line(`  base ${pinned.base}${beside.length === 0 ? "" : `, shared with ${beside.join(", ")}`}`);
    }
    output.result({ ...reason, folder });
  },
});
