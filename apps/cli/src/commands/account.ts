import { LIMITS } from "@graft/protocol";
import { command, commandGroup } from "../command.ts";
import { askHidden } from "../ask.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";

const ls = command({
  name: "account ls",
  description: "List all accounts",
  examples: ["graft account ls"],
  args: REGISTRY_ARGS,
  run: async ({ args, output }) => {
    const { registry } = await openClient(args);
    const { accounts, next } = await registry.access.accounts({ limit: LIMITS.pageSize });
    output.table(
      accounts.map(({ name, email, admin, createdAt, disabledAt }) => [
        name,
        email ?? "-",
        admin ? "admin" : "-",
        createdAt,
        disabledAt ?? "-",
      ]),
      { head: ["name", "e-mail", "runs the registry", "since", "ended"] },
    );
    output.result({ accounts, next });
  },
});

const end = command({
  name: "account end",
  description: "End an account with its sessions and tokens; its name stays taken",
  examples: ["graft account end alice"],
  args: { ...REGISTRY_ARGS, user: { type: "positional", description: "Name of the account", required: true } },
  run: async ({ args, output }) => {
    const { registry } = await openClient(args);
    await registry.access.disableAccount(args.user);
    output.line(`Ended ${args.user}`);
    output.result({ user: args.user });
  },
});

const password = command({
  name: "account password",
  description: "Set a new password, which ends all browser sessions of the account",
  examples: ["graft account password alice"],
  args: { ...REGISTRY_ARGS, user: { type: "positional", description: "Name of the account", required: true } },
  run: async ({ args, output }) => {
    const { registry } = await openClient(args);
    const isOwn = (await registry.whoami()).user === args.user;
    const [current, next] = await askHidden(isOwn ? ["Current password: ", "New password: "] : [undefined, "New password: "]);
    await registry.access.setPassword(args.user, { ...(current === undefined ? {} : { current }), password: next ?? "" });
    output.line(`Set the password of ${args.user}`);
    output.result({ user: args.user });
  },
});

/** `graft account`: the accounts of a registry. */
export const account = commandGroup({
  name: "account",
  description: "List and end accounts, set passwords",
  commands: { ls, end, password },
});
