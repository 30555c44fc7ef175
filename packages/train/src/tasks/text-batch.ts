import { type EncoderFeeds, padBatch, type Tokenizer } from "@graft/runtime";
import { type DataRecord, pairOf, type ReadContext, textField } from "../data/columns.ts";
import type { ModelInput } from "./examiner.ts";

/** A tokenised text or pair. */
export type TextExample = { readonly ids: Int32Array; readonly typeIds: Uint8Array };

/** A text or a pair to run a model on. */
export function textInput(record: DataRecord, context: ReadContext): ModelInput {
  return { text: textField(record, "text", context), ...pairOf(record, context) };
}

/** Tokenises a text or a pair, cut to `maxLength` tokens. */
export function encodeText(
  { text, pair }: { readonly text: string; readonly pair?: string | undefined },
  { tokenizer, maxLength }: { tokenizer: Tokenizer; maxLength: number },
): { example: TextExample; length: number; cut: boolean } {
  // One token more than may be tells a row that is cut from one that just fits.
  let encoding = tokenizer.encode(text, { pair, maxLength: maxLength + 1 });
  const cut = encoding.ids.length > maxLength;
  if (cut) encoding = tokenizer.encode(text, { pair, maxLength });
  return {
    example: { ids: Int32Array.from(encoding.ids), typeIds: Uint8Array.from(encoding.typeIds) },
    length: encoding.ids.length,
    cut,
  };
}

/** Feeds of a batch of texts, and its real tokens. */
export function textFeeds(
  examples: readonly TextExample[],
  { padId, maxLength }: { padId: number; maxLength: number },
): { feeds: EncoderFeeds; tokens: number } {
  const feeds = padBatch(
    examples.map(({ ids, typeIds }) => ({ ids: [...ids], typeIds: [...typeIds] })),
    { padId, rounded: true, maxLength },
  );
  return { feeds, tokens: examples.reduce((sum, { ids }) => sum + ids.length, 0) };
}
