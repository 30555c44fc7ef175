import { GraftError } from "@graft/error";
import { MASKED_POSITIONS } from "@graft/methods";
import { intValue } from "@graft/runtime";
import { hasField, textField } from "../data/columns.ts";
import { type Encoded, encodeExamples } from "../examples.ts";
import { IGNORED, maskCount, maskRow, type MaskVocabulary } from "../masking.ts";
import { randomStream } from "../random.ts";
import { type ClassBatch, classJudge } from "./class-judge.ts";
import { classLoss, LABELS } from "./class-loss.ts";
import { countParts } from "./parts.ts";
import { encodeText, textFeeds, textInput } from "./text-batch.ts";
import type { Part, Rowed, Task, TaskDefinition, TaskRun } from "./task.ts";

/** A text to hide tokens of. Where it has a word, the first position predicts that word's first token: a gloss read as the meaning of a hidden word. */
export type TextRow = string | { readonly text: string; readonly word?: string };

/** Texts to hide tokens of. */
export type MaskedLanguageRows = Rowed<"masked-language-modelling", TextRow>;

/** `first` holds the token that the first position predicts, or nothing. */
type MaskedExample = { readonly ids: Int32Array; readonly typeIds: Uint8Array; readonly first: Int32Array };

/** Predicts hidden tokens, as BERT's pre-training does. */
export const maskedLanguageModelling: TaskDefinition<MaskedLanguageRows> = {
  description: "The tokens that are hidden in a text",
  columns: ["text", "word"],
  readsLines: true,
  parse: (record, context) => {
    const text = textField(record, "text", context);
    return hasField(record, "word", context.columns) ? { text, word: textField(record, "word", context) } : text;
  },
  input: textInput,
  examine: () => {
    throw new GraftError("USAGE", "Cannot judge an adapter for masked-language modelling on its answers: it hides tokens, and has none", {
      hint: "Give --eval while training",
    });
  },
  open,
  loss: classLoss,
  evaluates: () => "predictions",
};

async function open(run: TaskRun<MaskedLanguageRows>): Promise<Task<ClassBatch>> {
  const { task, tokenizer, settings, maxLength } = run;
  const maskId = tokenizer.special.mask;
  if (maskId === undefined)
    throw new GraftError("TOKENIZER_INVALID", "Cannot hide tokens: the tokenizer has no mask token", {
      hint: "Take a base that was made for masked-language modelling",
    });
  const vocabulary = { maskId, size: tokenizer.vocabSize, specialIds: tokenizer.specialIds };
  const read = (rows: MaskedLanguageRows["rows"]) =>
    encodeExamples(rows, { ...run, store: run.openStore<MaskedExample>(), encode: (row: TextRow) => encodeRow(row, run) });
  const parts = { train: await read(task.rows), evaluation: await read(task.evaluation ?? []) };
  return {
    plan: { type: "masked-language-modelling" },
    labels: [],
    metrics: ["accuracy"],
    ...countParts(parts),
    batch: async (part, { rows, pass }) =>
      maskedBatch(await parts[part].store.read(rows), {
        part,
        rows,
        pass,
        vocabulary,
        rate: settings.maskRate,
        seed: settings.seed,
        padId: tokenizer.padId,
        maxLength,
      }),
    judge: () => classJudge(vocabulary.size),
    golden: () => [],
  };
}

function encodeRow(row: TextRow, { tokenizer, maxLength }: TaskRun<MaskedLanguageRows>): Encoded<MaskedExample> {
  const { text, word } = typeof row === "string" ? { text: row, word: undefined } : row;
  const { example, ...rest } = encodeText({ text }, { tokenizer, maxLength });
  const first = word === undefined ? undefined : tokenizer.encode(word).ids.find((id) => !tokenizer.specialIds.has(id));
  return { ...rest, example: { ...example, first: first === undefined ? new Int32Array() : Int32Array.of(first) } };
}

/** How a batch is masked. */
interface MaskOptions {
  readonly part: Part;
  readonly rows: readonly number[];
  readonly pass: string;
  readonly vocabulary: MaskVocabulary;
  readonly rate: number;
  readonly seed: number;
  readonly padId: number;
  readonly maxLength: number;
}

function maskedBatch(examples: readonly MaskedExample[], options: MaskOptions): ClassBatch {
  const { part, rows, pass, vocabulary, rate, seed } = options;
  const masked = examples.map(({ ids, typeIds }, index) => ({
    // A row is masked by its own numbers, so that its mask does not depend on the batch it comes in.
    ...maskRow(ids, vocabulary, { rate, random: randomStream(seed, `mask ${part} ${pass} ${rows[index]}`) }),
    typeIds,
  }));
  const { feeds, tokens } = textFeeds(masked, options);
  const width = feeds.input_ids.dims[1] ?? 0;
  const positions = masked.flatMap((row, index) => row.positions.map((position) => index * width + position));
  const labels = masked.flatMap((row) => row.labels);
  for (const [index, { first }] of examples.entries()) {
    if (first[0] === undefined) continue;
    positions.push(index * width);
    labels.push(first[0]);
  }
  const weight = labels.length;
  // One size for all batches of a width: few shapes keep the runtime's memory small. Two positions are [CLS] and [SEP].
  const hasFirst = examples.some(({ first }) => first.length > 0);
  const size = Math.max(1, labels.length, rows.length * (maskCount(Math.max(0, width - 2), rate) + Number(hasFirst)));
  while (labels.length < size) {
    positions.push(0);
    labels.push(IGNORED);
  }
  return {
    feeds: { ...feeds, [MASKED_POSITIONS]: intValue([size], positions), [LABELS]: intValue([size], labels) },
    tokens,
    weight,
    labels,
  };
}
