import type { Decoder, NextToken } from "./decoder.ts";
import { logSoftmax, processScores } from "./next-token.ts";
import { checkSignal, finishOf, type Generated, type GenerateSettings } from "./settings.ts";

/** What keeps a score out of every comparison, as in `transformers`. */
const NEVER = -1e9;

/** A sequence: its generated tokens, its score, and the place of its row in the batch that gave it. */
interface Beam {
  readonly ids: readonly number[];
  readonly score: number;
  readonly row: number;
}

/** A sequence that may be the answer. */
interface Candidate extends Beam {
  readonly finish: Generated["finish"] | undefined;
}

/** The beams of one prompt, after `_beam_search` of `transformers` with early_stopping = false. */
class Search {
  readonly prompt: readonly number[];
  readonly #settings: GenerateSettings;
  readonly #room: number;
  running: readonly Beam[];
  #finished: readonly Candidate[] = [];
  /** Whether a running beam may still become better than what has finished. */
  open = true;

  constructor(prompt: readonly number[], options: { settings: GenerateSettings; room: number; row: number }) {
    this.prompt = prompt;
    this.#settings = options.settings;
    this.#room = options.room;
    this.running = [{ ids: [], score: 0, row: options.row }];
  }

  /** Goes one token further: `logits` are those of the running beams. */
  step(logits: readonly Float32Array[]): void {
    const { beams, lengthPenalty, endIds } = this.#settings;
    const length = (this.running[0]?.ids.length ?? 0) + 1;
    // So many that enough are left when all the best ones end.
    const best = this.#best(logits, Math.max(2, 1 + endIds.length) * beams);
    const ended = best.slice(0, beams).filter(({ finish }) => finish !== undefined);
    this.#finished = [...this.#finished, ...ended.map((beam) => ({ ...beam, score: beam.score / length ** lengthPenalty }))]
      .toSorted((one, other) => other.score - one.score)
      .slice(0, beams);
    this.running = best.filter(({ finish }) => finish === undefined).slice(0, beams);
    // The heuristic compares with the worst of the finished ones, or with nothing while there are fewer than beams.
    const worst = this.#finished.length < beams ? NEVER : (this.#finished.at(-1)?.score ?? NEVER);
    const [leader] = this.running;
    this.open = leader !== undefined && leader.score / length ** lengthPenalty > worst;
  }

  answer(): Generated {
    const [best] = this.#finished;
    return best === undefined ? { ids: [], finish: "length" } : { ids: best.ids, finish: best.finish ?? "length", score: best.score };
  }

  /** The best continuations of all running beams. */
  #best(logits: readonly Float32Array[], count: number): Candidate[] {
    const top: { beam: Beam; token: number; score: number }[] = [];
    let least = Number.NEGATIVE_INFINITY;
    for (const [index, beam] of this.running.entries()) {
      const scores = processScores(logSoftmax(logits[index] as Float32Array), [...this.prompt, ...beam.ids], {
        noRepeatNgram: this.#settings.noRepeatNgram,
      });
      for (let token = 0; token < scores.length; token++) {
        const score = beam.score + (scores[token] as number);
        if (score <= least) continue;
        let place = top.length;
        while (place > 0 && (top[place - 1]?.score ?? 0) < score) place--;
        top.splice(place, 0, { beam, token, score });
        if (top.length > count) top.pop();
        if (top.length === count) least = top.at(-1)?.score ?? least;
      }
    }
    return top.map(({ beam, token, score }) => {
      const ids = [...beam.ids, token];
      return { ids, score, row: beam.row, finish: finishOf(ids, { settings: this.#settings, room: this.#room }) };
    });
  }
}

/** Follows several sequences of each prompt at once and gives the best. */
export async function beamSearch(
  decoder: Decoder,
  prompts: readonly (readonly number[])[],
  settings: GenerateSettings,
): Promise<Generated[]> {
  const searches = prompts.map((prompt, row) => new Search(prompt, { settings, row, room: decoder.maxLength - prompt.length }));
  let logits = await decoder.start(prompts);
  let going: readonly Search[] = searches;
  for (;;) {
    checkSignal(settings);
    let start = 0;
    for (const search of going) {
      const end = start + search.running.length;
      search.step(logits.slice(start, end));
      start = end;
    }
    going = going.filter(({ open }) => open);
    if (going.length === 0) return searches.map((search) => search.answer());
    const steps = going.flatMap(({ running }) => running.map(({ row, ids }): NextToken => ({ row, token: ids.at(-1) ?? 0 })));
    logits = await decoder.next(steps);
    let row = 0;
    for (const search of going) search.running = search.running.map((beam) => ({ ...beam, row: row++ }));
  }
}
