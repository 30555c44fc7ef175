import { GraftError } from "@graft/error";
import { checked, Name } from "@graft/format";
import { joinName, ROUTES, type SearchFilters } from "@graft/protocol";
import { SEARCH_FILTERS, type AdapterSearch, type FoundAdapter } from "@graft/storage";
import type { RegistryParts } from "../context.ts";
import { cutPage, storePage } from "../cursor.ts";
import { readingsFor } from "../readings.ts";
import { given, versionSummary } from "../records.ts";
import { route, type RegistryApp } from "./mount.ts";

const DAY = 24 * 60 * 60 * 1000;

/** Search by words and filters, and downloads. */
export function mountSearch(app: RegistryApp, parts: RegistryParts): void {
  app.openapi(route(ROUTES.search), async (context) => {
    const query = context.req.valid("query");
    const search: AdapterSearch = {
      ...storePage(query),
      text: query.q,
      filters: filtersOf(query),
      order: query.order,
      withFacets: query.facets === "true",
    };
    const found = await readingsFor(parts, context).search.find(search);
    const { items, ...rest } = cutPage(found.items, { limit: query.limit, key: ({ place }) => place });
    const { total, facets } = found;
    return context.json({ results: items.map(resultOf), total, ...given({ facets: facets && copied(facets) }), ...rest }, 200);
  });
  app.openapi(route(ROUTES.getDownloads), async (context) => {
    const name = checked(Name, joinName(context.req.valid("param")), "name");
    const { versions, search } = readingsFor(parts, context);
    if ((await versions.visibility(name)) === undefined) throw new GraftError("NOT_FOUND", `Cannot find ${name}: there is no such adapter`);
    const since = new Date(parts.clock().getTime() - (context.req.valid("query").days - 1) * DAY).toISOString().slice(0, 10);
    const { total, days, versions: counts } = await search.downloads(name, since);
    return context.json({ name, total, days: [...days], versions: [...counts] }, 200);
  });
}

function filtersOf(query: SearchFilters): AdapterSearch["filters"] {
  const entries = SEARCH_FILTERS.flatMap((filter) => {
    const value = query[filter];
    return value === undefined ? [] : [[filter, Array.isArray(value) ? value : [value]] as const];
  });
  return Object.fromEntries(entries);
}

function resultOf(item: FoundAdapter) {
  return {
    ...versionSummary(item),
    ...given({ description: item.description, rank: item.rank, license: item.license }),
    keywords: [...item.keywords],
    method: item.method,
    task: item.task,
    baseName: item.baseName,
    languages: [...item.languages],
    publisher: item.publisher,
    downloads: item.downloads,
  };
}

/** Lists that may be written to, as answers are. */
function copied<Facets extends Readonly<Record<string, readonly unknown[]>>>(facets: Facets) {
  const lists = Object.entries(facets).map(([filter, list]) => [filter, [...list]]);
  return Object.fromEntries(lists) as { [Filter in keyof Facets]: Facets[Filter][number][] };
}
