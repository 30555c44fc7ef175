import type { ChatMessage } from "@graft/runtime";
import { brokenRow, type DataRecord, hasField, type ReadContext, textField } from "../data/columns.ts";

/** What is learnt from: every token of a text, a completion after its prompt, or the assistant's part of a conversation. */
export type CausalRow =
  | string
  | { readonly text: string }
  | { readonly prompt: string; readonly completion: string }
  | { readonly messages: readonly ChatMessage[]; readonly tools?: readonly unknown[] };

/** A row from a record with messages, or with prompt and completion, or with text. DATA_INVALID. */
export function causalRow(record: DataRecord, context: ReadContext): CausalRow {
  const { columns } = context;
  if (columns.messages !== undefined || hasField(record, "messages", columns)) {
    const messages = messagesOf(record, context);
    if (!messages.some(({ role }) => role === "assistant"))
      throw brokenRow(context.place, "no message is the assistant's", "Loss is taken on what the assistant says: give it a message");
    const tools = list(record[columns.tools ?? "tools"]);
    return { messages, ...(tools === undefined ? {} : { tools }) };
  }
  if (columns.prompt !== undefined || hasField(record, "prompt", columns))
    return { prompt: textField(record, "prompt", context), completion: textField(record, "completion", context) };
  return { text: textField(record, "text", context) };
}

/** A text to go on from, or the messages of a conversation. */
export type CausalPrompt = string | readonly ChatMessage[];

/** What to go on from: a prompt, the messages up to the last answer, or a text. DATA_INVALID. */
export function causalPrompt(record: DataRecord, context: ReadContext): CausalPrompt {
  const { columns } = context;
  if (columns.messages !== undefined || hasField(record, "messages", columns)) {
    const messages = messagesOf(record, context);
    // What the assistant said last is what is to be said.
    return messages.at(-1)?.role === "assistant" ? messages.slice(0, -1) : messages;
  }
  return textField(record, columns.prompt !== undefined || hasField(record, "prompt", columns) ? "prompt" : "text", context);
}

/** What a row asks, and what the answer to it is; none where a row is a text without a prompt. */
export function questionOf(row: CausalRow): { readonly prompt: CausalPrompt; readonly answer?: string } {
  if (typeof row === "string") return { prompt: row };
  if ("text" in row) return { prompt: row.text };
  if ("prompt" in row) return { prompt: row.prompt, answer: row.completion.trim() };
  const last = row.messages.at(-1);
  if (last?.role !== "assistant" || typeof last.content !== "string") return { prompt: row.messages };
  return { prompt: row.messages.slice(0, -1), answer: last.content.trim() };
}

function messagesOf(record: DataRecord, { columns, place }: ReadContext): readonly ChatMessage[] {
  const name = columns.messages ?? "messages";
  const found = list(record[name]);
  const hint = 'Write "messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]';
  if (found === undefined || found.length === 0) throw brokenRow(place, `its "${name}" is no list of messages`, hint);
  for (const [index, message] of found.entries()) {
    const role = typeof message === "object" && message !== null ? (message as Record<string, unknown>)["role"] : undefined;
    if (typeof role !== "string") throw brokenRow(place, `message ${index + 1} of its "${name}" has no role`, hint);
  }
  return found as ChatMessage[];
}

/** A list, also one that a CSV file has as JSON. */
function list(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (typeof value !== "string" || !value.trimStart().startsWith("[")) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
