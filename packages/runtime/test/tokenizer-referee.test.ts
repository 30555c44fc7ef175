import { existsSync } from "node:fs";
import { join } from "node:path";
import { loadTokenizer } from "@graft/runtime/node";
import { describe, expect, test } from "vitest";
import { referee, runReferee } from "../../../test/referee.ts";

const folder = join(import.meta.dirname, "../../tiny-english/tiny-english");

interface Case {
  text: string;
  pair?: string;
  maxLength?: number;
}

const TRICKY = [
  "Hello, world!",
  "",
  "   ",
  "Ünïcödé naïve café İstanbul ẞ ß",
  "日本語のテキスト 中文字符 한국어",
  "𠀀𠮷 rare 𝒽𝑒𝓁𝓁𝑜 letters",
  "emoji 😀👍🏽 👨‍👩‍👧‍👦 flags 🇩🇪",
  "[MASK] in [SEP] the [CLS]text[PAD] [mask] [UNK] ##ing ##",
  "tabs\tand\nnewlines\r\n and\u00a0nbsp \u200b zero\u200dwidth \ufeff mark",
  "a".repeat(150),
  `${"x".repeat(99)} ${"y".repeat(100)} ${"z".repeat(101)}`,
  "don't can't it's U.S.A. 3.14 1,000 $5 #tag @me _under_ a-b a/b",
  "\u0000nul \ufffd replacement \u0001control \u007f delete \u0085 next line",
  "ﬁ ligature ① ² Ⅷ",
  "e\u0301 combining a\u0308\u0323",
  "अनुच्छेद ภาษาไทย العربية עברית",
  "ΑΣ ΣΑΣ final sigma ς",
  "￥＄％ ａｂｃ１２３",
  "\u2028 line \u2029 paragraph \u3000 ideographic",
  "`~!@#$%^&*()_+-=[]{}|;':\",./<>?\\",
  "“smart” ‘quotes’ — dash … ellipsis",
  "\ue000 private \u{e0001}tag",
  "constructor __proto__ toString hasOwnProperty",
  "ɐɥɐ ǅ ŉ ﬀ K Å",
];

/** Characters of the texts above, mixed anew; all are older than Unicode 10, whose tables the Rust tokenizers have. */
function mixed(count: number): Case[] {
  const letters = TRICKY.flatMap((text) => [...text]);
  let state = 1;
  const below = (end: number): number => {
    state = (Math.imul(state, 48_271) + 11) >>> 0;
    return (state >>> 8) % end;
  };
  const text = (): string =>
    Array.from({ length: below(50) }, () => (below(5) === 0 ? " " : (letters[below(letters.length)] ?? ""))).join("");
  return Array.from({ length: count }, () => ({
    text: text(),
    ...(below(2) === 0 ? { pair: text() } : {}),
    ...(below(2) === 0 ? { maxLength: 3 + below(20) } : {}),
  }));
}

const PROGRAM = `
import json, sys, warnings
warnings.filterwarnings("ignore")
from transformers import AutoTokenizer
question = json.load(sys.stdin)
tokenizer = AutoTokenizer.from_pretrained(question["folder"])
answers = []
for case in question["cases"]:
    pair = [[case["pair"]]] if "pair" in case else []
    answer = tokenizer([case["text"]], *pair, truncation="maxLength" in case, max_length=case.get("maxLength"))
    answers.append({"ids": answer["input_ids"][0], "typeIds": answer["token_type_ids"][0]})
json.dump(answers, sys.stdout)
`;

describe.skipIf(referee === undefined || !existsSync(join(folder, "tokenizer.json")))(
  "the tokenizer agrees with that of transformers",
  () => {
    test("on texts that are easily got wrong, pairs and cuts included", async () => {
      const cases: Case[] = [...TRICKY.map((text) => ({ text })), ...TRICKY.map((text) => ({ text, maxLength: 7 })), ...mixed(1_000)];
      const want = JSON.parse(runReferee(PROGRAM, JSON.stringify({ folder, cases })).toString()) as unknown[];
      const { tokenizer } = await loadTokenizer(join(folder, "tokenizer.json"));
      const wrong = cases.flatMap(({ text, ...options }, index) => {
        const got = tokenizer.encode(text, options);
        return JSON.stringify(got) === JSON.stringify(want[index]) ? [] : [{ text, ...options, got, want: want[index] }];
      });
      expect(wrong).toEqual([]);
    });
  },
);
