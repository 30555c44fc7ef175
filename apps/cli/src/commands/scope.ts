import { LIMITS, type ScopeRecord } from "@graft/protocol";
import { formatBytes } from "@graft/terminal";
import { command, commandGroup, numberArgument } from "../command.ts";
import type { Output } from "../output.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";
import { scopeArgument } from "../scope-argument.ts";

const SCOPE_ARGS = { ...REGISTRY_ARGS, scope: { type: "positional", description: "The scope, such as @acme", required: true } } as const;

const ls = command({
  name: "scope ls",
  description: "List the scopes in which you have a role",
  examples: ["graft scope ls", "graft scope ls --all"],
  args: { ...REGISTRY_ARGS, all: { type: "boolean", description: "All scopes, for those who run the registry" } },
  run: async ({ args, output }) => {
    const { registry } = await openClient(args);
    const { scopes, next } = await registry.access.scopes({ limit: LIMITS.pageSize, all: args.all === true });
    output.table(scopes.map(row), { head: HEAD });
    output.result({ scopes, next });
  },
});

const create = command({
  name: "scope create",
  description: "Claim a scope that nobody has; you become its owner",
  examples: ["graft scope create @acme", "graft scope create @acme --owner team:devs"],
  args: {
    ...SCOPE_ARGS,
    owner: {
      type: "string",
      description: "Who owns it instead, for those who run the registry: an account or team:<name>",
      valueHint: "holder",
    },
  },
  run: async ({ args, output }) => {
    const { registry } = await openClient(args);
    const created = await registry.access.createScope(scopeArgument(args.scope), args.owner);
    output.line(`Created @${created.name}`);
    output.result(created);
  },
});

const show = command({
  name: "scope show",
  description: "Say what a scope holds and may hold",
  examples: ["graft scope show @acme"],
  args: SCOPE_ARGS,
  run: async ({ args, output }) => {
    const { registry } = await openClient(args);
    print(output, await registry.access.scope(scopeArgument(args.scope)));
  },
});

const quota = command({
  name: "scope quota",
  description: "Set how much a scope may hold; what is left out is as for all scopes",
  examples: ["graft scope quota @acme --bytes 10000000000 --versions 500", "graft scope quota @acme"],
  args: {
    ...SCOPE_ARGS,
    bytes: { type: "string", description: "Bytes of all versions together", valueHint: "number" },
    versions: { type: "string", description: "How many versions", valueHint: "number" },
  },
  run: async ({ args, output }) => {
    const { registry } = await openClient(args);
    const bytes = numberArgument(args.bytes, "bytes", { least: 0, whole: true });
    const versions = numberArgument(args.versions, "versions", { least: 0, whole: true });
    const limits = { ...(bytes === undefined ? {} : { bytes }), ...(versions === undefined ? {} : { versions }) };
    print(output, await registry.access.setQuota(scopeArgument(args.scope), limits));
  },
});

const transfer = command({
  name: "scope transfer",
  description: "Make somebody the one owner of a scope",
  examples: ["graft scope transfer @acme --to bob", "graft scope transfer @acme --to team:devs"],
  args: {
    ...SCOPE_ARGS,
    to: { type: "string", description: "The new owner: an account or team:<name>", required: true, valueHint: "holder" },
  },
  run: async ({ args, output }) => {
    const { registry } = await openClient(args);
    const owners = await registry.access.transferScope(scopeArgument(args.scope), args.to);
    output.line(`${args.to} owns @${scopeArgument(args.scope)} now`);
    output.result(owners);
  },
});

const HEAD = ["scope", "your role", "versions", "of", "holds", "of"];

function row({ name, role, versions, bytes, quota: limits }: ScopeRecord): (string | number)[] {
  const [mostVersions, mostBytes] = [limits.versions ?? "any", limits.bytes === undefined ? "any" : formatBytes(limits.bytes)];
  return [`@${name}`, role ?? "-", versions, mostVersions, formatBytes(bytes), mostBytes];
}

function print(output: Output, scopeRecord: ScopeRecord): void {
  output.table([row(scopeRecord)], { head: HEAD });
  output.result(scopeRecord);
}

/** `graft scope`: who has which part of the names. */
export const scope = commandGroup({
  name: "scope",
  description: "Claim, look at and hand over scopes",
  commands: { ls, create, show, quota, transfer },
});
