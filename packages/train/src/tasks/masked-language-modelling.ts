import { MASKED_POSITIONS } from "@graft/methods";
import { intValue, padBatch } from "@graft/runtime";
import type { Encoded } from "../encode-rows.ts";
import { LABELS } from "../forward-graph.ts";
import { IGNORED, maskCount, maskRow, type MaskVocabulary } from "../masking.ts";
import { randomStream } from "../random.ts";
import type { Batch, Part, Task } from "./task.ts";

/** What masked-language modelling is set up with. */
export interface MaskedLanguageOptions {
  readonly rows: Readonly<Record<Part, Encoded>>;
  /** Token that the first position of a row predicts, where it predicts one. */
  readonly firstTokens: Readonly<Record<Part, readonly (number | undefined)[]>>;
  readonly vocabulary: MaskVocabulary;
  readonly padId: number;
  readonly maskRate: number;
  readonly maxLength: number;
  readonly seed: number;
}

/** Predicts hidden tokens. */
export function maskedLanguageModelling(options: MaskedLanguageOptions): Task {
  const { train, evaluation } = options.rows;
  return {
    plan: { type: "masked-language-modelling" },
    metrics: ["accuracy"],
    lengths: { train: train.rows.map(({ ids }) => ids.length), evaluation: evaluation.rows.map(({ ids }) => ids.length) },
    truncated: train.truncated + evaluation.truncated,
    batch: (part, chosen) => maskedBatch(options, { part, ...chosen }),
  };
}

function maskedBatch(options: MaskedLanguageOptions, { part, rows, pass }: { part: Part; rows: readonly number[]; pass: string }): Batch {
  const { vocabulary, maskRate: rate, seed, padId, maxLength } = options;
  const masked = rows.map((row) => {
    const { ids, typeIds } = options.rows[part].rows[row] ?? { ids: new Int32Array(), typeIds: new Uint8Array() };
    // A row is masked by its own numbers, so that its mask does not depend on the batch it comes in.
    return { ...maskRow(ids, vocabulary, { rate, random: randomStream(seed, `mask ${part} ${pass} ${row}`) }), typeIds };
  });
  const feeds = padBatch(
    masked.map(({ ids, typeIds }) => ({ ids: [...ids], typeIds: [...typeIds] })),
    { padId, rounded: true, maxLength },
  );
  const width = feeds.input_ids.dims[1] ?? 0;
  const positions = masked.flatMap((row, index) => row.positions.map((position) => index * width + position));
  const labels = masked.flatMap((row) => row.labels);
  for (const [index, row] of rows.entries()) {
    const first = options.firstTokens[part][row];
    if (first === undefined) continue;
    positions.push(index * width);
    labels.push(first);
  }
  // One size for all batches of a width: few shapes keep the runtime's memory small. Two positions are [CLS] and [SEP].
  const hasFirst = options.firstTokens[part].some((token) => token !== undefined);
  const size = Math.max(1, labels.length, rows.length * (maskCount(Math.max(0, width - 2), rate) + Number(hasFirst)));
  while (labels.length < size) {
    positions.push(0);
    labels.push(IGNORED);
  }
  return {
    feeds: { ...feeds, [MASKED_POSITIONS]: intValue([size], positions), [LABELS]: intValue([size], labels) },
    tokens: masked.reduce((sum, { ids }) => sum + ids.length, 0),
    labels,
  };
}
