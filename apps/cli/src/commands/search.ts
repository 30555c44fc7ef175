import { GraftError } from "@graft/error";
import { SearchOrder, type SearchCount, type SearchFacet, type SearchFilterName } from "@graft/protocol";
import { command, numberArgument } from "../command.ts";
import { openClient, REGISTRY_ARGS } from "../registry-options.ts";

/** What narrows a search: one option each. */
const FILTERS = {
  task: { type: "string", description: "Only these tasks, separated by commas", valueHint: "tasks" },
  base: { type: "string", description: "Only adapters of these bases, by fingerprint or name", valueHint: "bases" },
  method: { type: "string", description: "Only these methods, such as lora,dora", valueHint: "methods" },
  rank: { type: "string", description: "Only these ranks, such as 8,16", valueHint: "numbers" },
  license: { type: "string", description: "Only these licences, by SPDX identifier", valueHint: "ids" },
  language: { type: "string", description: "Only these languages, as tags such as en or pt-BR", valueHint: "tags" },
  publisher: { type: "string", description: "Only what these scopes published", valueHint: "scopes" },
} as const;

/** `graft search`: adapters by words and filters. */
export const search = command({
  name: "search",
  description: "Find adapters by words in name, description, keywords, task, labels and base",
  examples: [
    "graft search topics",
    "graft search spam --task text-classification --license Apache-2.0,MIT --order downloads",
    "graft search --base tiny-english --facets --json",
  ],
  args: {
    ...REGISTRY_ARGS,
    words: {
      type: "positional",
      description: "Words that must all be there, or begin one that is; everything when left out",
      required: false,
    },
    ...FILTERS,
    order: { type: "string", description: `What comes first: ${SearchOrder.options.join(", ")}`, default: "relevance", valueHint: "order" },
    limit: { type: "string", description: "How many to show, at most 100", default: "20", valueHint: "number" },
    cursor: { type: "string", description: "Go on after the page that gave this", valueHint: "cursor" },
    facets: { type: "boolean", description: "Count the values that could narrow the search" },
  },
  groups: { Filters: FILTERS },
  run: async ({ args, output, signal }) => {
    const order = SearchOrder.safeParse(args.order);
    if (!order.success) throw new GraftError("USAGE", `Cannot search in the order "${args.order}": want ${SearchOrder.options.join(", ")}`);
    const { registry } = await openClient(args);
    const answer = await registry.search(wordsOf(args), {
      filters: filtersOf(args),
      order: order.data,
      withFacets: args.facets === true,
      limit: numberArgument(args.limit, "limit", { least: 1, whole: true }),
      cursor: args.cursor,
      signal,
    });
    const { results, total, facets, next } = answer;
    if (results.length === 0) output.line("Nothing found");
    else
      output.table(
        results.map((found) => [
          `${found.name}@${found.version}`,
          found.method,
          found.task,
          found.baseName,
          String(found.downloads),
          found.description ?? "",
        ]),
        { head: ["adapter", "method", "task", "base", "downloads", "description"] },
      );
    for (const [filter, values] of Object.entries(facets ?? {})) if (values.length > 0) output.line(`${filter}: ${facetLine(values)}`);
    if (next !== undefined) output.note(`${results.length} of ${countText(total)}: go on with --cursor ${next}`);
    output.result(answer);
  },
});

/** All words of the line: the shell has taken them apart. */
function wordsOf({ words, _ }: { readonly words?: string | undefined; readonly _: readonly string[] }): string {
  return _.length > 0 ? _.join(" ") : (words ?? "");
}

function filtersOf(args: Readonly<Partial<Record<SearchFilterName, string | undefined>>>): Partial<Record<SearchFilterName, string[]>> {
  const entries = Object.keys(FILTERS).flatMap((filter) => {
    const value = args[filter as SearchFilterName];
    const values = value?.split(",").flatMap((each) => (each.trim() === "" ? [] : [each.trim()])) ?? [];
    return values.length === 0 ? [] : [[filter, values] as const];
  });
  return Object.fromEntries(entries);
}

function facetLine(values: readonly SearchFacet[]): string {
  return values.map(({ value, label, ...count }) => `${label ?? value} (${countText(count)})`).join(", ");
}

/** `1,000+` where counting stopped. */
function countText({ count, isMore }: SearchCount): string {
  return `${count.toLocaleString("en")}${isMore ? "+" : ""}`;
}
