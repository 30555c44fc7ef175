import { command, numberArgument } from "../command.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";
import { roleArgument, scopeArgument } from "../scope-argument.ts";

/** `graft invite`: a code that makes one account. */
export const invite = command({
  name: "invite",
  description: "Make a code with which one person makes an account",
  examples: ["graft invite --email alice@example.com", "graft invite --scope @acme --role publisher --days 3", "graft invite --admin"],
  args: {
    ...REGISTRY_ARGS,
    email: { type: "string", description: "Whom it is for", valueHint: "address" },
    scope: { type: "string", description: "Scope in which the account gets a role", valueHint: "scope" },
    role: { type: "string", description: "That role: reader, publisher or owner", default: "reader", valueHint: "role" },
    admin: { type: "boolean", description: "The account runs the registry" },
    days: { type: "string", description: "Days until it expires", default: "7", valueHint: "number" },
  },
  run: async ({ args, output }) => {
    const { registry } = await openClient(args);
    const expiresInDays = numberArgument(args.days, "days", { least: 1, whole: true });
    const created = await registry.access.invite({
      admin: args.admin === true,
      ...(args.email === undefined ? {} : { email: args.email }),
      ...(args.scope === undefined ? {} : { grant: { scope: scopeArgument(args.scope), role: roleArgument(args.role) } }),
      ...(expiresInDays === undefined ? {} : { expiresInDays }),
    });
    output.line(created.code);
    output.note(
      `Good for one account until ${created.expiresAt}: graft login --registry ${registry.connection.registry} --user <name> --invitation ${created.code}`,
    );
    output.result(created);
  },
});
