import { accessArgument } from "../access-argument.ts";
import { command } from "../command.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";

/** `graft access`: who may read an adapter. */
export const access = command({
  name: "access",
  description: "Say who may read an adapter: everybody (public), or those with a role in its scope (private)",
  examples: ["graft access @acme/topics private", "graft access @acme/topics public"],
  args: {
    ...REGISTRY_ARGS,
    name: { type: "positional", description: "The adapter, @scope/name", required: true },
    access: { type: "positional", description: "public or private", required: true },
  },
  run: async ({ args, output }) => {
    const wanted = accessArgument(args.access);
    const { registry } = await openClient(args, args.name);
    const set = await registry.access.setAccess(args.name, wanted);
    output.line(`${args.name} is ${set.access}`);
    output.result({ name: args.name, ...set });
  },
});
