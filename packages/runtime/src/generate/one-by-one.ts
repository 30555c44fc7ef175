import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Decoder } from "./decoder.ts";
import { drawToken, mostLikely, processScores } from "./next-token.ts";
import { checkSignal, draws, finishOf, type Generated, type GenerateSettings } from "./settings.ts";

/** A row that is being generated. */
interface Row {
  readonly prompt: readonly number[];
  readonly ids: number[];
  finish: Generated["finish"] | undefined;
}

/** Takes the most likely token each time, or draws one. Rows that have ended leave the batch. */
export async function oneByOne(
  decoder: Decoder,
  prompts: readonly (readonly number[])[],
  settings: GenerateSettings,
): Promise<Generated[]> {
  const rows = prompts.map((prompt): Row => ({ prompt, ids: [], finish: undefined }));
  let batch: readonly number[] = [...rows.keys()];
  let logits = await decoder.start(prompts);
  for (;;) {
    checkSignal(settings);
    for (const [place, index] of batch.entries())
      append(rows[index] as Row, { logits: logits[place] as Float32Array, index, settings, decoder });
    const going = batch.flatMap((index, place) => (rows[index]?.finish === undefined ? [{ index, place }] : []));
    if (going.length === 0) return rows.map(({ ids, finish = "length" }) => ({ ids, finish }));
    batch = going.map(({ index }) => index);
    logits = await decoder.next(going.map(({ index, place }) => ({ row: place, token: rows[index]?.ids.at(-1) ?? 0 })));
  }
}

function append(
  row: Row,
  { logits, index, settings, decoder }: { logits: Float32Array; index: number; settings: GenerateSettings; decoder: Decoder },
): void {
  const random = draws(settings);
  const scores = processScores(logits, [...row.prompt, ...row.ids], random ? settings : { noRepeatNgram: settings.noRepeatNgram });
  row.ids.push(
    random
      ? drawToken(scores, number(settings.seed, { row: settings.rowNumbers?.[index] ?? index, step: row.ids.length }))
      : mostLikely(scores),
  );
  row.finish = finishOf(row.ids, { settings, room: decoder.maxLength - row.prompt.length });
  settings.onToken?.(index, row.ids);
}

/** A number from 0 up to and without 1 that depends on the seed, the row and the step alone. */
function number(seed: number, { row, step }: { row: number; step: number }): number {
  // FNV-1a.
  let hash = 0x811c9dc5;
  for (const character of `token:${seed}:${row}:${step}`) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  const random = xoroshiro128plus(hash);
  for (let count = 0; count < 8; count++) random.next();
  return uniformFloat64(random);
}
