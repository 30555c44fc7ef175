import type { OwnerList } from "@graft/protocol";
import { command, commandGroup } from "../command.ts";
import type { Output } from "../output.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";
import { roleArgument, scopeArgument } from "../scope-argument.ts";

const SCOPE_ARGS = { ...REGISTRY_ARGS, scope: { type: "positional", description: "The scope, such as @acme", required: true } } as const;
const HOLDER_ARGS = { ...SCOPE_ARGS, holder: { type: "positional", description: "An account, or team:<name>", required: true } } as const;

const ls = command({
  name: "owner ls",
  description: "List everybody with a role in a scope",
  examples: ["graft owner ls @acme"],
  args: SCOPE_ARGS,
  run: async ({ args, output }) => {
    const { registry } = await openClient(args);
    print(output, await registry.access.owners(scopeArgument(args.scope)));
  },
});

const add = command({
  name: "owner add",
  description: "Give a role in a scope: reader reads private adapters, publisher also publishes, owner also decides",
  examples: ["graft owner add @acme bob", "graft owner add @acme team:devs --role publisher"],
  args: { ...HOLDER_ARGS, role: { type: "string", description: "reader, publisher or owner", default: "owner", valueHint: "role" } },
  run: async ({ args, output }) => {
    const { registry } = await openClient(args);
    print(output, await registry.access.addOwner(scopeArgument(args.scope), { holder: args.holder, role: roleArgument(args.role) }));
  },
});

const rm = command({
  name: "owner rm",
  description: "Take a role in a scope back",
  examples: ["graft owner rm @acme bob"],
  args: HOLDER_ARGS,
  run: async ({ args, output }) => {
    const { registry } = await openClient(args);
    print(output, await registry.access.removeOwner(scopeArgument(args.scope), args.holder));
  },
});

function print(output: Output, { owners }: OwnerList): void {
  if (owners.length === 0) output.line("Nobody: the scope is the registry's own");
  else
    output.table(
      owners.map(({ holder, role }) => [holder, role]),
      { head: ["who", "role"] },
    );
  output.result({ owners });
}

/** `graft owner`: who may do what in a scope. */
export const owner = commandGroup({ name: "owner", description: "List, give and take roles in a scope", commands: { ls, add, rm } });
