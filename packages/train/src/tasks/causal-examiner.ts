import { GraftError } from "@graft/error";
import type { MetricName } from "../metrics.ts";
import { mean } from "../metrics/metric.ts";
import { type CausalEncoding, encodeCausal } from "./causal-encoding.ts";
import type { CausalRow } from "./causal-rows.ts";
import type { Examination, Examiner } from "./examiner.ts";

/** What language models are judged by where nobody asks for more. */
export const CAUSAL_METRICS = ["perplexity", "accuracy"] as const satisfies readonly MetricName[];

/** Compares each next token that a language model gives with the one that stands there, where a row carries a loss. TOKENIZER_INVALID. */
export function examineCausal({ tokenizer, maxLength }: Examination): Examiner<CausalRow> {
  if (tokenizer === undefined)
    throw new GraftError("TOKENIZER_INVALID", "Cannot judge a language model: the base has no tokenizer", {
      hint: "Put tokenizer.json beside the base, or pass --tokenizer",
    });
  const encoding: CausalEncoding = { tokenizer, maxLength };
  const [predicted, actual, losses]: [number[], number[], number[]] = [[], [], []];
  return {
    metrics: CAUSAL_METRICS,
    inputs: (row, place) => [{ ids: [...encodeCausal(row, { ...encoding, place }).example.ids] }],
    add({ row, place, answers: [answer] }) {
      const { ids, predicted: counts } = encodeCausal(row, { ...encoding, place }).example;
      const logits = answer?.logits ?? new Float32Array();
      // A base may have more word embeddings than its tokenizer has tokens.
      const width = logits.length / ids.length;
      for (const [at, id] of ids.entries()) {
        if (counts[at] !== 1) continue;
        const { best, loss } = judgeToken(logits.subarray((at - 1) * width, at * width), id);
        predicted.push(best);
        actual.push(id);
        losses.push(loss);
      }
    },
    verdict: () => ({ outcome: { kind: "classes", predicted, actual, classes: tokenizer.vocabSize }, loss: mean(losses) }),
  };
}

/** The likeliest token, and −ln of the probability that a token has. */
function judgeToken(logits: Float32Array, id: number): { best: number; loss: number } {
  let best = 0;
  for (const [token, value] of logits.entries()) if (value > (logits[best] ?? 0)) best = token;
  const highest = logits[best] ?? 0;
  const sum = logits.reduce((total, value) => total + Math.exp(value - highest), 0);
  return { best, loss: Math.log(sum) + highest - (logits[id] ?? 0) };
}
