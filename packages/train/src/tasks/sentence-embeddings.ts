import { meanSquaredError, pairCosines, rankingLogits } from "@graft/autodiff";
import { floatValue, intValue } from "@graft/runtime";
import { brokenRow, hasField, numbersField, textField } from "../data/columns.ts";
import { encodeExamples } from "../examples.ts";
import type { MetricName } from "../metrics.ts";
import { classLoss, LABELS } from "./class-loss.ts";
import { type EmbeddingBatch, embeddingJudge } from "./embedding-judge.ts";
import { countParts, goldenTexts } from "./parts.ts";
import { encodeText, textFeeds } from "./text-batch.ts";
import type { Rowed, Task, TaskDefinition, TaskRun } from "./task.ts";

/** Two texts that mean the same, or as much the same as the score says; perhaps a third that means something else. */
export interface PairRow {
  readonly text: string;
  readonly pair: string;
  readonly negative?: string;
  readonly score?: number;
}

/** Which texts belong together. */
export interface SentenceEmbeddingRows extends Rowed<"sentence-embeddings", PairRow> {
  /** How positions become a vector; the mean by default. */
  readonly pooling?: "cls" | "mean" | "last";
  /** What cosines are multiplied with before the softmax over the batch: 1 / temperature; 20 by default. */
  readonly scale?: number;
}

type Texts = {
  readonly ids: Int32Array;
  readonly typeIds: Uint8Array;
  /** Where each text ends in `ids`. */
  readonly ends: Int32Array;
  readonly score: Float32Array;
};

/**
 * Vectors of texts: near to each other where the texts belong together. Pairs are told from the other pairs of their batch
 * (MultipleNegativesRankingLoss of sentence-transformers); pairs with a score get its cosine (CosineSimilarityLoss).
 */
export const sentenceEmbeddings: TaskDefinition<SentenceEmbeddingRows> = {
  description: "Vectors of texts, near where two texts belong together",
  columns: ["text", "pair", "negative", "score"],
  comparesRows: true,
  parse: (record, context): PairRow => ({
    text: textField(record, "text", context),
    pair: textField(record, "pair", context),
    ...(hasField(record, "negative", context.columns) ? { negative: textField(record, "negative", context) } : {}),
    ...(hasField(record, "score", context.columns) ? { score: numbersField(record, "score", context)[0] ?? 0 } : {}),
  }),
  input: (record, context) => ({ text: textField(record, "text", context) }),
  examine: () => {
    const judge = embeddingJudge();
    let scored = false;
    return {
      get metrics() {
        return metricsOf(scored);
      },
      inputs: ({ text, pair }) => [{ text }, { text: pair }],
      add({ row: { score }, answers }) {
        const [first, second] = answers.map(({ embedding = new Float32Array() }) => embedding);
        if (first === undefined || second === undefined) return;
        scored ||= score !== undefined;
        const data = Float32Array.from([...first, ...second]);
        judge.add(
          { feeds: {}, tokens: 0, weight: 1, texts: 2, scores: score === undefined ? [] : [score] },
          floatValue([2, first.length], data),
        );
      },
      verdict: () => ({ outcome: judge.outcome() }),
    };
  },
  open,
  loss: (builder, { logits, task }) => {
    if (task.type !== "sentence-embeddings") return classLoss(builder, { logits });
    if (task.objective === "ranking")
      return classLoss(builder, { logits: rankingLogits(builder, { embeddings: logits, texts: task.texts, scale: task.scale ?? 20 }) });
    const targets = builder.input(LABELS, "float32", ["rows"]);
    return meanSquaredError(builder, { predictions: pairCosines(builder, { embeddings: logits }), targets });
  },
  evaluates: () => "logits",
};

async function open(run: TaskRun<SentenceEmbeddingRows>): Promise<Task<EmbeddingBatch>> {
  const { task, tokenizer, maxLength } = run;
  // The first row says what all have.
  let form: { readonly texts: 2 | 3; readonly scored: boolean } | undefined;
  const read = (rows: SentenceEmbeddingRows["rows"]) =>
    encodeExamples(rows, {
      ...run,
      store: run.openStore<Texts>(),
      encode: (row: PairRow, place) => {
        const own = { texts: row.negative === undefined ? 2 : 3, scored: row.score !== undefined } as const;
        if (own.scored && own.texts === 3) throw brokenRow(place, "it has both a score and a negative", "Give one of them");
        form ??= own;
        if (own.texts !== form.texts || own.scored !== form.scored)
          throw brokenRow(place, "it has other columns than the rows before it", "Give every row a score, or a negative, or none");
        const encoded = [row.text, row.pair, ...(row.negative === undefined ? [] : [row.negative])].map((text) =>
          encodeText({ text }, { tokenizer, maxLength }),
        );
        let end = 0;
        return {
          example: {
            ids: Int32Array.from(encoded.flatMap(({ example }) => [...example.ids])),
            typeIds: Uint8Array.from(encoded.flatMap(({ example }) => [...example.typeIds])),
            ends: Int32Array.from(encoded, ({ length }) => (end += length)),
            score: row.score === undefined ? new Float32Array() : Float32Array.of(row.score),
          },
          length: Math.max(...encoded.map(({ length }) => length)),
          cut: encoded.some(({ cut }) => cut),
        };
      },
    });
  const parts = { train: await read(task.rows), evaluation: await read(task.evaluation ?? []) };
  const { texts, scored } = form ?? { texts: 2, scored: false };
  const { scale, pooling } = task;
  return {
    plan: {
      type: "sentence-embeddings",
      objective: scored ? "cosine" : "ranking",
      texts,
      ...(scale === undefined ? {} : { scale }),
      ...(pooling === undefined ? {} : { pooling }),
    },
    labels: [],
    metrics: metricsOf(scored),
    ...countParts(parts),
    batch: async (part, { rows }) => {
      const examples = await parts[part].store.read(rows);
      const { feeds, tokens } = textFeeds(
        Array.from({ length: texts }, (_, text) => examples.map((example) => textOf(example, text))).flat(),
        { padId: tokenizer.padId, maxLength },
      );
      const scores = examples.flatMap(({ score }) => [...score]);
      const truth = scored
        ? floatValue([rows.length], Float32Array.from(scores))
        : intValue(
            [rows.length],
            rows.map((_, index) => index),
          );
      return { feeds: { ...feeds, [LABELS]: truth }, tokens, weight: rows.length, texts, scores };
    },
    judge: () => embeddingJudge(scored),
    // A case is one text; its vector is the first of the batch.
    golden: goldenTexts(parts, ({ text }) => ({ text })),
  };
}

function metricsOf(scored: boolean): readonly MetricName[] {
  return scored ? ["pearson", "spearman"] : ["accuracy"];
}

function textOf({ ids, typeIds, ends }: Texts, text: number): { ids: Int32Array; typeIds: Uint8Array } {
  const [begin, end] = [text === 0 ? 0 : (ends[text - 1] ?? 0), ends[text] ?? 0];
  return { ids: ids.slice(begin, end), typeIds: typeIds.slice(begin, end) };
}
