import type { Tokenizer } from "@graft/runtime";

/** A tokenised row. */
interface EncodedRow {
  readonly ids: Int32Array;
  readonly typeIds: Uint8Array;
}

/** Tokenised rows, and how many had to be cut. */
export interface Encoded {
  readonly rows: readonly EncodedRow[];
  readonly truncated: number;
}

/** Rows between two turns of the event loop. */
const ROWS_AT_ONCE = 512;

/** Tokenises rows, cutting those longer than `maxLength` tokens. The event loop gets its turns. */
export async function encodeRows(
  texts: readonly { readonly text: string; readonly pair?: string }[],
  options: { tokenizer: Tokenizer; maxLength: number; signal?: AbortSignal | undefined },
): Promise<Encoded> {
  const { tokenizer, maxLength, signal } = options;
  const rows: EncodedRow[] = [];
  let truncated = 0;
  for (const [index, { text, pair }] of texts.entries()) {
    if (index % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) await new Promise((resolve) => setTimeout(resolve));
    signal?.throwIfAborted();
    // One token more than may be tells a row that is cut from one that just fits.
    let encoding = tokenizer.encode(text, { pair, maxLength: maxLength + 1 });
    if (encoding.ids.length > maxLength) {
      truncated++;
      encoding = tokenizer.encode(text, { pair, maxLength });
    }
    rows.push({ ids: Int32Array.from(encoding.ids), typeIds: Uint8Array.from(encoding.typeIds) });
  }
  return { rows, truncated };
}
