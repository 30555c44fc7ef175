import type { ChatMessage, Tokenizer } from "@graft/runtime";
import { brokenRow } from "../data/columns.ts";
import type { Place } from "../data/rows.ts";
import type { CausalRow } from "./causal-rows.ts";

/** Tokens of a row, and for each whether it is to be predicted. */
export type CausalExample = { readonly ids: Int32Array; readonly predicted: Uint8Array };

/** A part of a row that is tokenised on its own, so that a prompt has the same tokens here as when it is answered. */
interface Part {
  readonly ids: readonly number[];
  readonly predicted: boolean;
}

/** How rows are encoded. */
export interface CausalEncoding {
  readonly tokenizer: Tokenizer;
  readonly maxLength: number;
}

/** Tokens of a row, cut at its end to `maxLength`. DATA_INVALID when nothing that is to be predicted is left. */
export function encodeCausal(
  row: CausalRow,
  { tokenizer, maxLength, place }: CausalEncoding & { place: Place },
): { example: CausalExample; length: number; cut: boolean } {
  const parts = partsOf(row, { tokenizer, place });
  const ids = parts.flatMap((part) => part.ids);
  const predicted = parts.flatMap((part) => part.ids.map(() => Number(part.predicted)));
  // Nothing comes before the first token that it could be predicted from.
  predicted[0] = 0;
  const example = { ids: Int32Array.from(ids.slice(0, maxLength)), predicted: Uint8Array.from(predicted.slice(0, maxLength)) };
  if (!example.predicted.includes(1)) {
    throw brokenRow(
      place,
      predicted.includes(1)
        ? `nothing of what is to be learnt is left of its ${ids.length} tokens, cut to ${maxLength}`
        : "it has nothing to be learnt",
      predicted.includes(1) ? "Raise the longest length, or shorten the prompt" : "Give at least two tokens of text, or an answer",
    );
  }
  return { example, length: example.ids.length, cut: ids.length > maxLength };
}

/** Tokens of a text with what stands around it, ended. */
export function encodeWhole(text: string, tokenizer: Tokenizer): readonly number[] {
  return ended(tokenizer.encode(text).ids, tokenizer);
}

function partsOf(row: CausalRow, { tokenizer, place }: { tokenizer: Tokenizer; place: Place }): Part[] {
  if (typeof row === "string" || "text" in row) {
    const text = typeof row === "string" ? row : row.text;
    return [{ ids: encodeWhole(text, tokenizer), predicted: true }];
  }
  if ("prompt" in row) {
    const { eos } = tokenizer.special;
    const prompt = tokenizer.encode(row.prompt).ids;
    return [
      { ids: prompt.length > 1 && prompt.at(-1) === eos ? prompt.slice(0, -1) : prompt, predicted: false },
      { ids: ended(tokenizer.encode(row.completion, { bare: true }).ids, tokenizer), predicted: true },
    ];
  }
  return conversationParts(row, { tokenizer, place });
}

/**
 * What the assistant says, from where its prompt ends to where its message does: the text with one message more, without the text
 * before it. An earlier answer that the template writes otherwise once more messages follow is not learnt.
 */
function conversationParts(
  { messages, tools }: { readonly messages: readonly ChatMessage[]; readonly tools?: readonly unknown[] },
  { tokenizer, place }: { tokenizer: Tokenizer; place: Place },
): Part[] {
  const { chat } = tokenizer;
  if (chat === undefined)
    throw brokenRow(place, "it has messages, and the tokenizer has no chat template", "Put chat_template.jinja beside tokenizer.json");
  const render = (count: number, addGenerationPrompt: boolean): string => {
    try {
      return chat.render(messages.slice(0, count), { addGenerationPrompt, tools });
    } catch (cause) {
      throw brokenRow(place, (cause as Error).message.replace(/^Cannot [^:]*: /, "the chat template refuses it: "));
    }
  };
  const whole = render(messages.length, false);
  const encode = (text: string, predicted: boolean): Part => ({ ids: tokenizer.encode(text, { bare: true }).ids, predicted });
  const parts: Part[] = [];
  let done = 0;
  for (const [index, { role }] of messages.entries()) {
    if (role !== "assistant") continue;
    const [before, after] = [render(index, true), index === messages.length - 1 ? whole : render(index + 1, false)];
    if (before.length < done || !whole.startsWith(after) || !after.startsWith(before)) continue;
    parts.push(encode(whole.slice(done, before.length), false), encode(whole.slice(before.length, after.length), true));
    done = after.length;
  }
  if (parts.length === 0)
    throw brokenRow(place, "the chat template writes no answer after the prompt for one", "Train on prompt and completion instead");
  return done === whole.length ? parts : [...parts, encode(whole.slice(done), false)];
}

function ended(ids: readonly number[], { special }: Tokenizer): readonly number[] {
  return special.eos === undefined || ids.at(-1) === special.eos ? ids : [...ids, special.eos];
}
