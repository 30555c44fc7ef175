import { GraftError } from "@graft/error";
import type { Session } from "../session.ts";
import { type ElementType, type Feeds, intValue, type TensorValue } from "../tensor-value.ts";

/** One input of a cache: keys or values of one layer, [batch, heads, past, headSize]. */
export interface CacheInput {
  /** Input that takes what the output gave before. */
  readonly past: string;
  readonly present: string;
  readonly type: ElementType;
  readonly heads: number;
  readonly headSize: number;
}

/** Which rows of the cache each row goes on from, int64 [batch]: how rows are dropped, repeated and reordered. */
export const CACHE_ROWS = "cache_rows";

/** A session over a decoder: its graph's logits, and what it keeps between runs. */
export interface DecoderSession {
  readonly session: Pick<Session, "run" | "inputNames">;
  /** Output [batch, sequence, vocabulary], or [batch, 1, vocabulary] of the last position. */
  readonly logits: string;
  /** Empty without a cache; with one, the session carries each present output to its past input and takes CACHE_ROWS. */
  readonly cache: readonly CacheInput[];
  /** Longest sequence in tokens. */
  readonly maxLength: number;
}

/** One row of the next run: the row that it goes on from, and its next token. */
export interface NextToken {
  readonly row: number;
  readonly token: number;
}

/** Runs a decoder token by token. Rows of different lengths are padded on the left. */
export class Decoder {
  readonly maxLength: number;
  readonly #model: DecoderSession;
  /** Tokens of each row so far. */
  #rows: readonly (readonly number[])[] = [];
  #width = 0;

  constructor(model: DecoderSession) {
    this.#model = model;
    this.maxLength = model.maxLength;
  }

  /** Logits of the token after each prompt. USAGE for an empty prompt, or for one that leaves no room. */
  start(prompts: readonly (readonly number[])[]): Promise<Float32Array[]> {
    for (const prompt of prompts) {
      if (prompt.length > 0 && prompt.length < this.maxLength) continue;
      throw new GraftError(
        "USAGE",
        prompt.length === 0
          ? "Cannot generate: the prompt has no tokens"
          : `Cannot generate: the prompt has ${prompt.length} tokens, want fewer than the ${this.maxLength} that the model takes`,
        { hint: prompt.length === 0 ? "Give a text to go on from" : "Shorten the prompt" },
      );
    }
    this.#rows = prompts;
    this.#width = Math.max(...prompts.map(({ length }) => length));
    const empty = Object.fromEntries(
      this.#model.cache.map(({ past, type, heads, headSize }) => [past, emptyValue(type, [prompts.length, heads, 0, headSize])]),
    );
    return this.#run({ given: this.#width, rows: this.#rows.map((_, row) => row), empty });
  }

  /** Logits of the token after each of the next tokens. */
  next(steps: readonly NextToken[]): Promise<Float32Array[]> {
    this.#rows = steps.map(({ row, token }) => [...(this.#rows[row] ?? []), token]);
    this.#width++;
    const cached = this.#model.cache.length > 0;
    return this.#run({ given: cached ? 1 : this.#width, rows: steps.map(({ row }) => row), empty: {} });
  }

  async #run({ given, rows, empty }: { given: number; rows: readonly number[]; empty: Feeds }): Promise<Float32Array[]> {
    const { session, logits, cache } = this.#model;
    const wanted: Feeds = {
      ...tokenFeeds(this.#rows, { width: this.#width, given }),
      ...(cache.length === 0 ? {} : { [CACHE_ROWS]: intValue([rows.length], rows) }),
      ...empty,
    };
    const feeds = Object.fromEntries(Object.entries(wanted).filter(([name]) => session.inputNames.includes(name)));
    const outputs = await session.run(feeds, { fetches: [logits] });
    return lastRows(outputs[logits]);
  }
}

/** The last `given` tokens of left-padded rows, the mask over all of them, and their positions. */
function tokenFeeds(rows: readonly (readonly number[])[], { width, given }: { width: number; given: number }): Feeds {
  const ids = new BigInt64Array(rows.length * given);
  const positions = new BigInt64Array(rows.length * given);
  const mask = new BigInt64Array(rows.length * width);
  for (const [row, tokens] of rows.entries()) {
    const padding = width - tokens.length;
    mask.fill(1n, row * width + padding, (row + 1) * width);
    for (let column = 0; column < given; column++) {
      const place = width - given + column - padding;
      if (place < 0) continue;
      ids[row * given + column] = BigInt(tokens[place] ?? 0);
      positions[row * given + column] = BigInt(place);
    }
  }
  return {
    input_ids: intValue([rows.length, given], ids),
    attention_mask: intValue([rows.length, width], mask),
    position_ids: intValue([rows.length, given], positions),
    token_type_ids: intValue([rows.length, given], new BigInt64Array(rows.length * given)),
  };
}

/** The logits of the last position of each row. */
function lastRows(value: TensorValue | undefined): Float32Array[] {
  if (value?.type !== "float32" || value.dims.length !== 3) {
    throw new GraftError(
      "ONNX_UNSUPPORTED",
      `Cannot generate: the logits are ${value?.type} [${value?.dims.join(", ")}], want float32 [batch, sequence, vocabulary]`,
      {
        hint: "Export the model for text generation",
      },
    );
  }
  const [rows = 0, positions = 0, width = 0] = value.dims;
  const data = value.data as Float32Array;
  return Array.from({ length: rows }, (_, row) => {
    const end = (row + 1) * positions * width;
    return data.slice(end - width, end);
  });
}

function emptyValue(type: ElementType, dims: readonly number[]): TensorValue {
  return { type, dims, data: type === "float16" ? new Uint16Array() : new Float32Array() };
}
