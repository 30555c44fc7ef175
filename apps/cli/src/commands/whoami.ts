import { command } from "../command.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";

/** `graft whoami`: what the token in use allows. */
export const whoami = command({
  name: "whoami",
  description: "Say what the token in use allows",
  examples: ["graft whoami", "graft whoami --json"],
  args: REGISTRY_ARGS,
  run: async ({ args, output }) => {
    const client = await openClient(args);
    const record = await client.registry.whoami();
    output.line(`"${record.label}"${record.user === undefined ? "" : ` of ${record.user}`} at ${client.registry.connection.registry}`);
    output.line(
      `  may ${record.actions.join(", ")} ${record.names.join(", ")}${record.expiresAt === undefined ? "" : ` until ${record.expiresAt}`}`,
    );
    output.result({ registry: client.registry.connection.registry, ...record });
  },
});
