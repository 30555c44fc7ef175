import type { Base } from "@graft/architectures";
import { encodeModel } from "@graft/onnx";
import { type EncoderFeeds, padBatch } from "@graft/runtime";
import { openSession } from "@graft/runtime/node";

/** Rows of different lengths, padded. */
export function batch(lengths: readonly number[], options: { vocabSize: number; types: number }): EncoderFeeds {
  const rows = lengths.map((length, row) => ({
    ids: Array.from({ length }, (_, column) => (row * 31 + column * 7 + 1) % options.vocabSize),
    typeIds: Array.from({ length }, (_, column) => (column * 3 > length ? row % options.types : 0)),
  }));
  return padBatch(rows, { padId: 0 });
}

/** The last hidden state that ONNX Runtime computes. */
export async function runBase(base: Base, feeds: EncoderFeeds): Promise<Float32Array> {
  const session = await openSession(encodeModel(base.model), { folder: base.folder, threads: 1 });
  try {
    return (await session.run(feeds))["last_hidden_state"]?.data as Float32Array;
  } finally {
    await session.close();
  }
}
