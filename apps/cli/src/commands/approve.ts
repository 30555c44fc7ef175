import { command } from "../command.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";
import { versionArgument } from "./tag.ts";

/** `graft approve`: publishes a staged version, or drops it. */
export const approve = command({
  name: "approve",
  description: "Publish a staged version, or drop it",
  examples: ["graft approve @acme/topics@1.2.0", "graft approve @acme/topics@1.2.0 --reject"],
  args: {
    ...REGISTRY_ARGS,
    version: { type: "positional", description: "@scope/name@version", required: true },
    reject: { type: "boolean", description: "Drop it; its number is free again" },
  },
  run: async ({ args, output }) => {
    const { name, version } = versionArgument(args.version);
    const { registry } = await openClient(args, name);
    if (args.reject === true) {
      await registry.unstage(name, version);
      output.line(`Dropped ${name}@${version}`);
      output.result({ status: "dropped", name, version });
      return;
    }
    const { status, version: record } = await registry.approve(name, version);
    output.line(`Published ${name}@${version}`);
    output.line(`  ${record.digest}`);
    output.result({ status, name, version, digest: record.digest, tags: record.tags });
  },
});
