import { readFileSync } from "node:fs";
import { GLOSS_TOPICS } from "@graft/tiny-english";

/** A definition, and the topic of what it defines. */
export interface Gloss {
  readonly text: string;
  readonly label: string;
}

/** The first rows of the gloss topics, in the order of the file, which is shuffled. */
export function glosses(part: "train" | "test", count: number): Gloss[] {
  const lines = readFileSync(GLOSS_TOPICS[part], "utf8").split("\n", count);
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Gloss);
}
