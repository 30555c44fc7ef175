import { GraftError } from "@graft/error";
import { parseSpecifier } from "@graft/format";
import { counted } from "@graft/terminal";
import { command } from "../command.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";

/** `graft deprecate`: a message that whoever pulls these versions is shown. */
export const deprecate = command({
  name: "deprecate",
  description: "Say of versions that nobody should use them any more; they stay, and whoever pulls them is told",
  examples: ['graft deprecate "@acme/topics@<2" "confuses sports and politics, use 2"', 'graft deprecate "@acme/topics@1.0.0" --undo'],
  args: {
    ...REGISTRY_ARGS,
    versions: { type: "positional", description: "@scope/name@range; every version when the range is left out", required: true },
    message: { type: "positional", description: "What to do instead", required: false },
    undo: { type: "boolean", description: "Take the message back" },
  },
  run: async ({ args, output }) => {
    const undo = args.undo === true;
    if (undo === (args.message !== undefined && args.message !== ""))
      throw new GraftError("USAGE", `Cannot deprecate "${args.versions}": want a message, or --undo to take it back`, {
        hint: 'graft deprecate <name>@<range> "<message>"',
      });
    const { name, range = "*", tag } = parseSpecifier(args.versions);
    if (tag !== undefined && tag !== "latest")
      throw new GraftError("USAGE", `Cannot deprecate the tag "${tag}": want a version or a range`, { hint: "See graft tag ls" });
    const { registry } = await openClient(args, name);
    const versions = await registry.deprecate(name, { range, message: undo ? null : (args.message ?? "") });
    output.line(`${undo ? "Took the message back from" : "Deprecated"} ${counted(versions.length, "version")} of ${name}`);
    for (const version of versions) output.line(`  ${version}`);
    output.result({ name, versions });
  },
});
