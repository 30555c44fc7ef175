import { GraftError } from "@graft/error";
import { Action } from "@graft/protocol";
import { command, commandGroup, numberArgument } from "../command.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";

const list = command({
  name: "token list",
  description: "List the registry's tokens, without their texts",
  examples: ["graft token list"],
  args: REGISTRY_ARGS,
  run: async ({ args, output }) => {
    const { registry } = await openClient(args);
    const { tokens } = await registry.tokens({ limit: 100 });
    output.table(
      tokens.map((token) => [
        token.id,
        token.label,
        token.user ?? "-",
        token.actions.join(","),
        token.names.join(","),
        token.addresses?.join(",") ?? "any",
        token.expiresAt ?? "never",
        token.usedAt ?? "-",
      ]),
      { head: ["id", "label", "account", "may", "names", "from", "expires", "last use"] },
    );
    output.result(tokens);
  },
});

const create = command({
  name: "token create",
  description: "Make a token; its text is shown once",
  examples: [
    "graft token create --label ci --names '@acme/*' --actions read,publish --days 30",
    "graft token create --label office --actions read --cidr 192.0.2.0/24,2001:db8::/32",
  ],
  args: {
    ...REGISTRY_ARGS,
    label: { type: "string", description: "What it is for", required: true, valueHint: "text" },
    names: { type: "string", description: "Adapters it is good for, separated by commas", default: "*", valueHint: "patterns" },
    actions: { type: "string", description: "What it allows: read, publish, admin", default: "read", valueHint: "list" },
    cidr: { type: "string", description: "Ranges of addresses it may be used from, separated by commas", valueHint: "ranges" },
    days: { type: "string", description: "Days until it expires", default: "90", valueHint: "number" },
  },
  run: async ({ args, output }) => {
    const actions = args.actions.split(",").map((action) => {
      const parsed = Action.safeParse(action.trim());
      if (parsed.success) return parsed.data;
      throw new GraftError("USAGE", `Cannot make a token for "${action}": want ${Action.options.join(", ")}`);
    });
    const { registry } = await openClient(args);
    const expiresInDays = numberArgument(args.days, "days", { least: 1, whole: true });
    const created = await registry.createToken({
      label: args.label,
      names: args.names.split(",").map((name) => name.trim()),
      actions,
      ...(args.cidr === undefined ? {} : { addresses: args.cidr.split(",").map((range) => range.trim()) }),
      ...(expiresInDays === undefined ? {} : { expiresInDays }),
    });
    output.line(created.token);
    output.note(`Token "${created.record.label}" (${created.record.id}); this is the only time it is shown`);
    output.result(created);
  },
});

const revoke = command({
  name: "token revoke",
  description: "Make a token useless from now on",
  examples: ["graft token revoke 8f14e45f"],
  args: { ...REGISTRY_ARGS, id: { type: "positional", description: "Id of the token (graft token list)", required: true } },
  run: async ({ args, output }) => {
    const { registry } = await openClient(args);
    await registry.revokeToken(args.id);
    output.line(`Revoked ${args.id}`);
    output.result({ id: args.id });
  },
});

/** `graft token`: the tokens of a registry. */
export const token = commandGroup({ name: "token", description: "List, make and revoke tokens", commands: { list, create, revoke } });
