import { measure, type MetricName, type OutcomeOf } from "@graft/train";
import { describe, expect, test } from "vitest";
import { referee, runReferee } from "../../../test/referee.ts";

type Texts = Pick<OutcomeOf<"texts">, "predicted" | "actual">;

const WORDS = "the a cat dog sat on mat near river's old hill, and saw 3.5 birds; it rained - 10-fold (again) & again.".split(" ");
let state = 7;
const below = (end: number): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * end);
};
const sentence = (length: number): string[] => Array.from({ length }, () => WORDS[below(WORDS.length)] ?? "a");
/** A sentence with some words changed, left out, added, and a part moved. */
function disturbed(words: readonly string[]): string[] {
  const result = words.flatMap((word) => (below(8) === 0 ? [] : below(8) === 0 ? [WORDS[below(WORDS.length)] ?? "a"] : [word]));
  const part = result.splice(below(result.length), 1 + below(4));
  result.splice(below(result.length + 1), 0, ...part);
  return result;
}
function corpus(rows: number, references: number): Texts {
  const sentences = Array.from({ length: rows }, () => sentence(4 + below(24)));
  return {
    predicted: sentences.map((words) => disturbed(words).join(" ")),
    actual: sentences.map((words) =>
      [words, ...Array.from({ length: references - 1 }, () => disturbed(words))].map((one) => one.join(" ")),
    ),
  };
}

const CORPORA: readonly Texts[] = [
  corpus(30, 1),
  corpus(30, 3),
  {
    predicted: ["The Restaurant is nice.", "It said &quot;no&quot; at 3,000.50"],
    actual: [["The restaurant is nice .", "A nice place"], ['It said "no" at 3,000.50!']],
  },
  // Nothing of four words is right: what is left is the smoothing.
  { predicted: ["a cat sat here", "dogs"], actual: [["a cat lay there"], ["some dogs"]] },
];
const NAMES: readonly MetricName[] = ["bleu", "nist", "rouge-l", "ter", "cider", "exact-match"];

const PROGRAM = `
import json, sys
import sacrebleu
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a
from nltk.translate.nist_score import corpus_nist
from rouge_score.rouge_scorer import RougeScorer
from pycocoevalcap.cider.cider_scorer import CiderScorer
words = Tokenizer13a()
rouge = RougeScorer(["rougeL"])
answers = []
for case in json.load(sys.stdin):
    predicted, actual = case["predicted"], case["actual"]
    most = max(len(refs) for refs in actual)
    streams = [[refs[i] if i < len(refs) else None for refs in actual] for i in range(most)]
    cider = CiderScorer()
    for text, refs in zip(predicted, actual):
        cider += (words(text.lower()), [words(ref.lower()) for ref in refs])
    try:
        nist = corpus_nist([[words(ref).split() for ref in refs] for refs in actual], [words(text).split() for text in predicted])
    except ZeroDivisionError:
        nist = None
    ters = sacrebleu.metrics.TER()
    edits = length = 0
    for text, refs in zip(predicted, actual):
        one = ters.corpus_score([text], [[ref] for ref in refs])
        edits += one.num_edits; length += one.ref_length
    answers.append({
        "bleu": sacrebleu.corpus_bleu(predicted, streams).score,
        "nist": nist,
        "rouge-l": sum(rouge.score_multi(refs, text)["rougeL"].fmeasure for text, refs in zip(predicted, actual)) / len(predicted),
        "ter": 100 * edits / length,
        "cider": float(cider.compute_score()[0]),
        "exact-match": sum(text in refs for text, refs in zip(predicted, actual)) / len(predicted),
    })
json.dump(answers, sys.stdout)
`;

describe.skipIf(referee === undefined)("metrics of texts are those of sacrebleu, NLTK, rouge-score and pycocoevalcap", () => {
  const theirs =
    referee === undefined ? [] : (JSON.parse(runReferee(PROGRAM, JSON.stringify(CORPORA)).toString()) as Record<string, number | null>[]);

  test.for(CORPORA.flatMap((_, index) => NAMES.map((name) => [name, index] as const)))("%s, corpus %i", ([name, index]) => {
    const wanted = theirs[index]?.[name];
    // The reference divides by zero where no text is long enough.
    if (wanted === null) return;
    const outcome = { kind: "texts", ...(CORPORA[index] as Texts) } as const;
    expect(measure([name], { outcome })[name]).toBeCloseTo(wanted ?? Number.NaN, 8);
  });
});
