import { z } from "zod";
import { LIMITS } from "./limits.ts";
import { PageQuery } from "./primitives.ts";
import { VersionSummary } from "./versions.ts";

/** Values of one filter: the parameter once, or several times for any of them. */
const Values = z.union([
  z.string().min(1).max(LIMITS.queryLength),
  z.array(z.string().min(1).max(LIMITS.queryLength)).max(LIMITS.filterValues),
]);

/** What a search can be narrowed by: `base` takes a fingerprint or a name, `publisher` a scope. */
export const SearchFilters = z.object({
  task: Values.optional(),
  base: Values.optional(),
  method: Values.optional(),
  rank: Values.optional(),
  license: Values.optional(),
  language: Values.optional(),
  publisher: Values.optional(),
});
export type SearchFilters = z.infer<typeof SearchFilters>;

/** Name of a filter. */
export type SearchFilterName = keyof SearchFilters;

/** Which results come first. */
export const SearchOrder = z.enum(["relevance", "date", "downloads"]);
export type SearchOrder = z.infer<typeof SearchOrder>;

/** Words to look for in name, description, keywords, method, task, labels and base; every word must be there, or begin one that is. */
export const SearchQuery = PageQuery.extend({
  q: z.string().max(LIMITS.queryLength).default(""),
  ...SearchFilters.shape,
  order: SearchOrder.default("relevance"),
  /** Counts per filter: `true` or `false`. */
  facets: z.enum(["true", "false"]).default("false"),
});
export type SearchQuery = z.infer<typeof SearchQuery>;

/** A count that stops at 1,000: `isMore` says that there are more. */
export const SearchCount = z.object({ count: z.int(), isMore: z.boolean() }).meta({ id: "SearchCount" });
export type SearchCount = z.infer<typeof SearchCount>;

/** A value that the results have, and how many of them; `label` is what people call it. */
export const SearchFacet = SearchCount.extend({ value: z.string(), label: z.string().optional() }).meta({ id: "SearchFacet" });
export type SearchFacet = z.infer<typeof SearchFacet>;

/** One adapter that was found, with its newest version. */
export const SearchResult = VersionSummary.extend({
  description: z.string().optional(),
  keywords: z.array(z.string()),
  method: z.string(),
  task: z.string(),
  baseName: z.string(),
  rank: z.int().optional(),
  license: z.string().optional(),
  languages: z.array(z.string()),
  /** The scope, without the `@`. */
  publisher: z.string(),
  downloads: z.int(),
}).meta({ id: "SearchResult" });
export type SearchResult = z.infer<typeof SearchResult>;

/** A page of search results. The facets of a filter are counted as if that filter were not set. */
export const SearchResponse = z
  .object({
    results: z.array(SearchResult),
    total: SearchCount,
    facets: z
      .object({
        task: z.array(SearchFacet),
        base: z.array(SearchFacet),
        method: z.array(SearchFacet),
        rank: z.array(SearchFacet),
        license: z.array(SearchFacet),
        language: z.array(SearchFacet),
        publisher: z.array(SearchFacet),
      })
      .optional(),
    next: z.string().optional(),
  })
  .meta({ id: "SearchResponse" });
export type SearchResponse = z.infer<typeof SearchResponse>;

/** Since when downloads are listed. */
export const DownloadsQuery = z.object({ days: z.coerce.number().int().min(1).max(LIMITS.downloadDays).default(30) });
export type DownloadsQuery = z.infer<typeof DownloadsQuery>;

/** Downloads of an adapter: of all time, and of the days asked for, per day and per version. Days without any are left out. */
export const DownloadsRecord = z
  .object({
    name: z.string(),
    total: z.int(),
    days: z.array(z.object({ day: z.iso.date(), count: z.int() })),
    versions: z.array(z.object({ version: z.string(), count: z.int() })),
  })
  .meta({ id: "DownloadsRecord" });
export type DownloadsRecord = z.infer<typeof DownloadsRecord>;
