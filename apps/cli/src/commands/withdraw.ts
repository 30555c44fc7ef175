import { command } from "../command.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";
import { versionArgument } from "./tag.ts";

/** `graft withdraw`: takes a version back. */
export const withdraw = command({
  name: "withdraw",
  description: "Take a version back within 72 hours, and afterwards while nobody depends on it; its number stays taken for ever",
  examples: ['graft withdraw @acme/topics@1.2.0 --reason "was trained on test data"'],
  args: {
    ...REGISTRY_ARGS,
    version: { type: "positional", description: "@scope/name@version", required: true },
    reason: { type: "string", description: "Why, for those who ask for it", valueHint: "text" },
  },
  run: async ({ args, output }) => {
    const { name, version } = versionArgument(args.version);
    const { registry } = await openClient(args, name);
    const withdrawn = await registry.withdraw(name, { version, reason: args.reason });
    output.line(`Withdrew ${name}@${version}`);
    if (withdrawn.tags["latest"] !== undefined) output.line(`  latest is ${withdrawn.tags["latest"]}`);
    output.result(withdrawn);
  },
});
