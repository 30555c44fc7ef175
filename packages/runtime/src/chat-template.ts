import { Template } from "@huggingface/jinja";
import { GraftError } from "@graft/error";

/** One message of a conversation; what else it has, such as tool calls, goes to the template as it is. */
export interface ChatMessage {
  readonly role: string;
  readonly content?: unknown;
  readonly [key: string]: unknown;
}

/** How a conversation is written out. */
export interface ChatOptions {
  /** Ends with what comes before an answer of the assistant. */
  readonly addGenerationPrompt?: boolean;
  /** Descriptions of tools that the assistant may call. */
  readonly tools?: readonly unknown[] | undefined;
}

/** Writes conversations as the model was trained to read them. */
export interface ChatTemplate {
  /** DATA_INVALID says what the template has against the conversation. */
  render(messages: readonly ChatMessage[], options?: ChatOptions): string;
}

/** Reads a Jinja template; `tokens` are the special tokens that it can name, such as `bos_token`. TOKENIZER_INVALID. */
export function createChatTemplate(source: string, tokens: Readonly<Record<string, string>>): ChatTemplate {
  let template: Template;
  try {
    template = new Template(source);
  } catch (cause) {
    throw new GraftError("TOKENIZER_INVALID", `Cannot read the chat template: ${(cause as Error).message}`, {
      cause,
      hint: "Check chat_template.jinja, or chat_template in tokenizer_config.json",
    });
  }
  return {
    render(messages, { addGenerationPrompt = false, tools } = {}) {
      try {
        return template.render({
          ...tokens,
          messages,
          add_generation_prompt: addGenerationPrompt,
          ...(tools === undefined ? {} : { tools }),
        });
      } catch (cause) {
        throw new GraftError("DATA_INVALID", `Cannot write the conversation by the chat template: ${(cause as Error).message}`, {
          cause,
          hint: "Give messages with the roles, and in the order, that the model was trained with",
        });
      }
    },
  };
}
