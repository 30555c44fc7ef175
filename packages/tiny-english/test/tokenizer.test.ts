import { join } from "node:path";
import { expect, test } from "vitest";
import { loadTokenizer } from "@graft/runtime/node";
import { TINY_ENGLISH_FOLDER } from "@graft/tiny-english";
import { makeTopics } from "../scripts/topics.ts";
import { referee, runReferee } from "../../../test/referee.ts";

const file = join(TINY_ENGLISH_FOLDER, "tokenizer.json");

test.skipIf(referee === undefined)("Python's tokenizers and ours read the tokenizer alike", async () => {
  const texts = [...makeTopics().test.map((row) => row.text), "Naïve CAFÉ—déjà vu… 1,234.5 (a/b)", "", "☃ 漢字 x".repeat(3)];
  const program = `import json, sys
from tokenizers import Tokenizer
request = json.load(sys.stdin)
print(json.dumps([row.ids for row in Tokenizer.from_file(request["file"]).encode_batch(request["texts"])]))`;
  const theirs = JSON.parse(runReferee(program, JSON.stringify({ file, texts })).toString()) as number[][];
  const { tokenizer } = await loadTokenizer(file);
  expect(texts.map((text) => tokenizer.encode(text).ids)).toEqual(theirs);
});

test("8,000 pieces, and a mask", async () => {
  const { tokenizer } = await loadTokenizer(file);
  expect(tokenizer.vocabSize).toBe(8000);
  expect(tokenizer.special.mask).toBe(4);
});
