import { routePath, splitName } from "@graft/protocol";
import { fileDigest } from "./fill.ts";
import { scaleAdapter, scaleBases } from "./dataset.ts";
import { drawWord, FREQUENT } from "./vocabulary.ts";

/** One request as a client sends it. */
export interface Question {
  readonly path: string;
  /** Sent as JSON, by POST. */
  readonly body?: unknown;
}

type Ask = (random: () => number) => Question;

/** What is asked of a registry of so many adapters, kind by kind. */
export function questionsOf(adapters: number): Readonly<Record<string, Ask>> {
  const bases = scaleBases(adapters);
  const someAdapter = (random: () => number) => scaleAdapter(Math.floor(random() * adapters), adapters);
  const someBase = (random: () => number) => Math.floor(random() ** 3 * bases.length);
  const search = (query: Readonly<Record<string, string>>): Question => ({
    path: `${routePath("search", {})}?${new URLSearchParams(query).toString()}`,
  });
  const find = (body: unknown): Question => ({ path: routePath("find", {}), body });
  return {
    "resolve a range": (random) => ({ path: `${routePath("resolve", splitName(someAdapter(random).name))}?range=^1.2` }),
    "find by file": (random) => find({ fileDigest: fileDigest(someBase(random)) }),
    "find by matrices": (random) => find({ matrices: bases[someBase(random)]?.matrices }),
    "find by half of the matrices": (random) => find({ matrices: bases[someBase(random)]?.matrices.filter((_, index) => index % 2 === 0) }),
    "search one word": (random) => search({ q: drawWord(random) }),
    "search two words": (random) => search({ q: `${drawWord(random)} ${drawWord(random)}` }),
    "search a beginning": (random) => search({ q: drawWord(random).slice(0, 5) }),
    "search a word of every third": () => search({ q: FREQUENT }),
    "search it with facets": () => search({ q: FREQUENT, facets: "true" }),
    "search it, newest first": () => search({ q: FREQUENT, order: "date" }),
    "search it, filtered": (random) =>
      search({ q: FREQUENT, task: "text-classification", license: "MIT", base: `base-${someBase(random)}` }),
    "everything, newest first": () => search({ order: "date" }),
    "everything with facets": () => search({ facets: "true" }),
    "a filter alone": (random) => search({ language: "de", publisher: someAdapter(random).scope }),
  };
}
