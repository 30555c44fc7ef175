import { command, numberArgument } from "../command.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";

/** `graft search`: adapters by words. */
export const search = command({
  name: "search",
  description: "Find adapters by words in name, description, keywords, task and labels",
  examples: ["graft search topics", "graft search topics --json"],
  args: {
    ...REGISTRY_ARGS,
    words: { type: "positional", description: "Words that must all be there; everything when left out", required: false },
    limit: { type: "string", description: "How many to show", default: "20", valueHint: "number" },
  },
  run: async ({ args, output, signal }) => {
    const { registry } = await openClient(args);
    const { results, next } = await registry.search(args.words ?? "", {
      limit: numberArgument(args.limit, "limit", { least: 1, whole: true }),
      signal,
    });
    if (results.length === 0) output.line("Nothing found");
    else
      output.table(
        results.map((found) => [`${found.name}@${found.version}`, found.method, found.task, found.baseName, found.description ?? ""]),
        { head: ["adapter", "method", "task", "base", "description"] },
      );
    if (next !== undefined) output.note("There is more: pass a larger --limit");
    output.result({ results, next });
  },
});
