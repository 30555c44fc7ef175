import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Digest, sha256 } from "@graft/digest";
import { GraftError } from "@graft/error";
import { checkVocabulary, createTokenizer, type Tokenizer } from "./tokenizer.ts";

/** A tokenizer and the digest of its tokenizer.json. */
export interface LoadedTokenizer {
  readonly tokenizer: Tokenizer;
  readonly digest: Digest;
}

/**
 * Reads a tokenizer.json and, beside it, tokenizer_config.json where there is one. With `vocabSize`, the rows of the
 * base's word embeddings, checks that they belong together. FILE_NOT_FOUND, TOKENIZER_INVALID.
 */
export async function loadTokenizer(file: string, options: { readonly vocabSize?: number } = {}): Promise<LoadedTokenizer> {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new GraftError(
      "FILE_NOT_FOUND",
      `Cannot read the tokenizer "${file}": ${cause.code === "ENOENT" ? "it does not exist" : cause.message}`,
      { cause, hint: "Put the tokenizer.json of the base beside it" },
    );
  });
  const config = await readFile(join(dirname(file), "tokenizer_config.json"), "utf8").catch(() => undefined);
  // Newer models keep the template in a file of its own, which holds where both are there.
  const template = await readFile(join(dirname(file), "chat_template.jinja"), "utf8").catch(() => undefined);
  const parsed = config === undefined ? undefined : parse(config, "tokenizer_config.json");
  const tokenizer = createTokenizer(
    parse(bytes.toString("utf8"), file),
    template === undefined ? parsed : { ...(parsed as object | undefined), chat_template: template },
  );
  if (options.vocabSize !== undefined) checkVocabulary(tokenizer, options.vocabSize);
  return { tokenizer, digest: await sha256(bytes) };
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GraftError("TOKENIZER_INVALID", `Cannot read the tokenizer "${file}": it is no JSON`, { cause });
  }
}
