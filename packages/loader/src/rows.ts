import { GraftError, restate } from "@graft/error";
import { type Encoding, imageBytes, type PixelOptions, type Tokenizer } from "@graft/runtime";
import type { ReadFile } from "./adapter-input.ts";

/** A row: a text, a pair of texts, words as they are, tokens, or an image: the path of a PNG or JPEG file, or its bytes. */
export type Row =
  | string
  | { readonly text: string; readonly pair?: string | undefined }
  | { readonly words: readonly string[] }
  | { readonly image: string | Uint8Array }
  | { readonly ids: readonly number[]; readonly typeIds?: readonly number[] | undefined };

/** Tokens of a row, and where its words begin in them if words are what is asked for. */
export interface EncodedRow extends Encoding {
  /** Of an image, at the model's size. */
  readonly pixels?: Uint8Array;
  readonly words?: readonly { readonly word: string; readonly start: number | undefined }[];
}

/** How rows are encoded. */
export interface EncodeRowsOptions {
  readonly tokenizer: Tokenizer | undefined;
  readonly maxLength: number;
  /** Splits texts at blanks, since each word gets an answer. */
  readonly byWord?: boolean;
  /** How the base takes images, where it does. */
  readonly image?: PixelOptions | undefined;
  /** Reads the file of an image that is given by its path. */
  readonly read: ReadFile;
}

/** Tokens of rows: texts are cut to the longest that the base takes, longer tokens refused. TOKENIZER_INVALID for a text where the base has no tokenizer; DATA_INVALID, FILE_NOT_FOUND for images. */
export function encodeRows(rows: readonly Row[], options: EncodeRowsOptions): Promise<EncodedRow[]> {
  return Promise.all(rows.map((row) => encodeAny(row, options)));
}

async function encodeAny(row: Row, options: EncodeRowsOptions): Promise<EncodedRow> {
  if (typeof row !== "string" && "image" in row) return encodeImage(row.image, options);
  if (typeof row !== "string" && "ids" in row) {
    if (row.ids.length > options.maxLength)
      throw new GraftError("USAGE", `Cannot run a row of ${row.ids.length} tokens: the model takes at most ${options.maxLength}`, {
        hint: "Cut the row, or give it as a text",
      });
    return { ids: row.ids, typeIds: row.typeIds ?? row.ids.map(() => 0) };
  }
  if (options.tokenizer === undefined) {
    throw new GraftError("TOKENIZER_INVALID", "Cannot run on a text: the base has no tokenizer", {
      hint: "Put tokenizer.json beside the base, or pass `tokenizer`",
    });
  }
  return encodeRow(row, { ...options, tokenizer: options.tokenizer });
}

async function encodeImage(
  image: string | Uint8Array,
  { image: options, read }: Pick<EncodeRowsOptions, "image" | "read">,
): Promise<EncodedRow> {
  if (options === undefined)
    throw new GraftError("USAGE", "Cannot run on an image: the base takes none of a fixed size", { hint: "Give texts" });
  const file =
    typeof image === "string"
      ? await read(image).catch((cause: unknown) => {
          throw restate(cause, `read the image "${image}"`);
        })
      : image;
  return { ids: [], typeIds: [], pixels: imageBytes(file, options) };
}

function encodeRow(
  row: Exclude<Row, { readonly ids: readonly number[] } | { readonly image: string | Uint8Array }>,
  { tokenizer, maxLength, byWord = false }: Omit<EncodeRowsOptions, "read"> & { readonly tokenizer: Tokenizer },
): EncodedRow {
  if (typeof row !== "string" && "words" in row) return encodeWords(row.words, { tokenizer, maxLength });
  const { text, pair } = typeof row === "string" ? { text: row, pair: undefined } : row;
  if (byWord) return encodeWords(text.trim().split(/\s+/), { tokenizer, maxLength });
  return tokenizer.encode(text, { maxLength, ...(pair === undefined ? {} : { pair }) });
}

function encodeWords(words: readonly string[], { tokenizer, maxLength }: { tokenizer: Tokenizer; maxLength: number }): EncodedRow {
  const { ids, typeIds, wordStarts } = tokenizer.encodeWords(words, { maxLength });
  return { ids, typeIds, words: words.map((word, index) => ({ word, start: wordStarts[index] })) };
}
