import { GraftError } from "@graft/error";
import { batchesByLength } from "../batches.ts";
import type { ChatMessage } from "../chat-template.ts";
import type { Tokenizer } from "../tokenizer.ts";
import type { DecoderSession } from "./decoder.ts";
import { generate } from "./generate.ts";
import type { Generated, GenerateOptions } from "./settings.ts";

/** A decoder and its tokenizer. */
export interface DecoderModel {
  readonly decoder: DecoderSession;
  readonly tokenizer: Tokenizer;
  /** Tokens that end a text; the tokenizer's end of sequence by default. */
  readonly endIds?: readonly number[] | undefined;
}

/** What to go on from: a text, a conversation that the assistant answers, or tokens. */
export type Prompt = string | readonly ChatMessage[] | readonly number[];

/** How texts are generated. */
export interface GenerateTextOptions extends Omit<GenerateOptions, "stops" | "onToken" | "rowNumbers"> {
  /** Texts that end the answer; neither they nor what comes after them are part of it. */
  readonly stop?: readonly string[] | undefined;
  /** Prompts that are run together; 8 by default. */
  readonly batchSize?: number | undefined;
  /** Told of each piece of text as it is certain, by the prompt's place; not in a beam search. */
  readonly onText?: ((prompt: number, piece: string) => void) | undefined;
}

/** An answer as text and tokens. */
export interface GeneratedText extends Generated {
  readonly text: string;
  /** Tokens of the prompt. */
  readonly promptTokens: number;
}

const BATCH = 8;

/** Generates an answer to each prompt, in the order of the prompts. USAGE, CANCELLED, DATA_INVALID for a conversation the template refuses. */
export async function generateTexts(
  model: DecoderModel,
  prompts: readonly Prompt[],
  options: GenerateTextOptions = {},
): Promise<GeneratedText[]> {
  const { tokenizer, decoder } = model;
  const { stop = [], batchSize = BATCH, onText, ...rest } = options;
  const encoded = prompts.map((prompt) => encodePrompt(prompt, tokenizer));
  const { eos } = tokenizer.special;
  const endIds = options.endIds ?? model.endIds ?? (eos === undefined ? [] : [eos]);
  const results: GeneratedText[] = [];
  const textOf = (ids: readonly number[]): string => cutAt(tokenizer.decode(ids.filter((id) => !endIds.includes(id))), stop);
  for (const batch of batchesByLength(
    encoded.map(({ length }) => length),
    { batchSize },
  )) {
    const told = new Map<number, string>();
    const tell = (row: number, text: string): void => {
      const before = told.get(row) ?? "";
      if (text.length <= before.length) return;
      told.set(row, text);
      onText?.(batch[row] ?? 0, text.slice(before.length));
    };
    const generated = await generate(
      decoder,
      batch.map((index) => encoded[index] ?? []),
      {
        ...rest,
        endIds,
        rowNumbers: batch,
        ...(stop.length === 0 ? {} : { stops: (ids) => stop.some((text) => tokenizer.decode(ids).includes(text)) }),
        ...(onText === undefined ? {} : { onToken: (row, ids) => tell(row, certain(textOf(ids), stop)) }),
      },
    );
    for (const [row, one] of generated.entries()) {
      const index = batch[row] ?? 0;
      const text = textOf(one.ids);
      tell(row, text);
      results[index] = { ...one, text, promptTokens: encoded[index]?.length ?? 0 };
    }
  }
  return results;
}

/** Tokens of a prompt. A text has the special tokens before it that it was trained with, and none behind it. */
function encodePrompt(prompt: Prompt, tokenizer: Tokenizer): readonly number[] {
  if (typeof prompt === "string") return withoutEnd(tokenizer.encode(prompt).ids, tokenizer);
  if (isTokens(prompt)) return prompt;
  if (tokenizer.chat === undefined) {
    throw new GraftError("TOKENIZER_INVALID", "Cannot answer a conversation: the tokenizer has no chat template", {
      hint: "Put chat_template.jinja or tokenizer_config.json beside tokenizer.json, or give a plain text",
    });
  }
  return tokenizer.encode(tokenizer.chat.render(prompt, { addGenerationPrompt: true }), { bare: true }).ids;
}

function isTokens(prompt: readonly ChatMessage[] | readonly number[]): prompt is readonly number[] {
  return typeof prompt[0] === "number";
}

function withoutEnd(ids: readonly number[], { special }: Tokenizer): readonly number[] {
  const last = ids.at(-1);
  return ids.length > 1 && (last === special.eos || last === special.sep) ? ids.slice(0, -1) : ids;
}

function cutAt(text: string, stop: readonly string[]): string {
  const ends = stop.map((one) => text.indexOf(one)).filter((place) => place >= 0);
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends));
}

/** What more tokens cannot change: half a character may become one, and the beginning of a stop its whole. */
function certain(text: string, stop: readonly string[]): string {
  const whole = text.replace(/\ufffd+$/, "");
  const held = Math.max(0, ...stop.map((one) => overlap(whole, one)));
  return whole.slice(0, whole.length - held);
}

/** How many characters at the end of a text are the beginning of another. */
function overlap(text: string, other: string): number {
  for (let length = Math.min(text.length, other.length - 1); length > 0; length--) if (text.endsWith(other.slice(0, length))) return length;
  return 0;
}
