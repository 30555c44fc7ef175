import { command, numberArgument } from "../command.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";
import { scopeArgument } from "../scope-argument.ts";

/** `graft audit`: what was changed, and by whom. */
export const audit = command({
  name: "audit",
  description: "Show who changed what, when and from where; newest first",
  examples: ["graft audit @acme", "graft audit --limit 100 --json"],
  args: {
    ...REGISTRY_ARGS,
    scope: {
      type: "positional",
      description: "A scope that you own; everything, for those who run the registry, when left out",
      required: false,
    },
    limit: { type: "string", description: "How many to show", default: "20", valueHint: "number" },
    after: { type: "string", description: "Go on after a page: the next of its --json", valueHint: "cursor" },
  },
  run: async ({ args, output }) => {
    const { registry } = await openClient(args);
    const log = await registry.access.audit({
      scope: args.scope === undefined ? undefined : scopeArgument(args.scope),
      limit: numberArgument(args.limit, "limit", { least: 1, whole: true }),
      cursor: args.after,
    });
    if (log.entries.length === 0) output.line("Nothing was changed");
    else
      output.table(
        log.entries.map(({ at, actor, action, subject, address, detail }) => [
          at,
          actor,
          action,
          subject,
          address ?? "-",
          detail === undefined ? "" : JSON.stringify(detail),
        ]),
        { head: ["when", "who", "did", "to", "from", "detail"] },
      );
    if (log.next !== undefined) output.note(`There is more: pass --after ${log.next}`);
    output.result(log);
  },
});
