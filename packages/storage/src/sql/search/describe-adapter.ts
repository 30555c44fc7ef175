import { searchWords, WORDS } from "./search-words.ts";

/** What a manifest may say that search wants to know; it was checked when it was published. */
interface Described {
  readonly description?: string;
  readonly license?: string;
  readonly languages?: readonly string[];
  readonly keywords?: readonly string[];
  readonly task?: { readonly labels?: readonly string[] };
  readonly targets?: readonly { readonly rank?: number }[];
}

/** An adapter's newest release, as the tables have it. */
export interface NewestVersion {
  readonly name: string;
  readonly task: string;
  readonly method: string;
  readonly base_name: string;
  readonly manifest: string;
}

/** Columns of an entry that come from the manifest. Rank is the highest of all targets. */
export function describeAdapter({ name, task, method, base_name: baseName, manifest }: NewestVersion) {
  const {
    description = "",
    license,
    languages = [],
    keywords = [],
    task: { labels = [] } = {},
    targets = [],
  } = JSON.parse(manifest) as Described;
  const rank = targets.reduce((most, target) => Math.max(most, target.rank ?? 0), 0);
  return {
    rank: rank === 0 ? null : rank,
    license: license ?? null,
    languages: JSON.stringify(languages),
    name_words: spaced([name]),
    tag_words: spaced([...keywords, task, method, ...labels]),
    description_words: spaced([description]),
    base_words: spaced([baseName]),
  };
}

function spaced(texts: readonly string[]): string {
  return ` ${searchWords(texts, WORDS.entry).join(" ")} `;
}
