import { GraftError } from "@graft/error";
import type { ScoreOptions } from "./next-token.ts";

/** How text is generated. Without `temperature`, `topK` and `topP` the most likely token is taken each time. */
export interface GenerateOptions extends ScoreOptions {
  /** Most tokens to generate, 128 by default; the longest sequence of the model bounds it too. */
  readonly maxTokens?: number | undefined;
  /** The same seed draws the same tokens; every row has numbers of its own. */
  readonly seed?: number | undefined;
  /** Sequences that are followed at once, the best of which is the answer; 1 by default. */
  readonly beams?: number | undefined;
  /** Above 0 favours long answers of a beam search, below 0 short ones; 1 by default. */
  readonly lengthPenalty?: number | undefined;
  /** Tokens that end a text. */
  readonly endIds?: readonly number[] | undefined;
  /** Whether what has been generated is to end here, for reasons other than a token. */
  readonly stops?: ((generated: readonly number[]) => boolean) | undefined;
  /** Told of each token as it comes; not in a beam search, whose tokens may be taken back. */
  readonly onToken?: ((row: number, generated: readonly number[]) => void) | undefined;
  /** What the rows are called when numbers are drawn for them; their places by default. */
  readonly rowNumbers?: readonly number[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was generated after one prompt. */
export interface Generated {
  /** Without the prompt; a token that ended it is the last. */
  readonly ids: readonly number[];
  /** What ended it: a token, `stops`, or the longest length. */
  readonly finish: "end" | "stop" | "length";
  /** Sum of the logarithms of the probabilities over length to the power of the penalty; of beam searches. */
  readonly score?: number;
}

/** Options with their defaults filled in. */
export interface GenerateSettings extends GenerateOptions {
  readonly maxTokens: number;
  readonly seed: number;
  readonly beams: number;
  readonly lengthPenalty: number;
  readonly endIds: readonly number[];
}

/** What holds where nobody says. */
const DEFAULTS = { maxTokens: 128, seed: 42, beams: 1, lengthPenalty: 1, endIds: [] } as const;

/** Fills in the defaults. USAGE for a number that means nothing. */
export function generateSettings(options: GenerateOptions): GenerateSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<GenerateSettings>;
  const settings: GenerateSettings = { ...DEFAULTS, ...given };
  check(settings);
  return settings;
}

/** Whether tokens are drawn at random. */
export function draws({ temperature, topK, topP }: ScoreOptions): boolean {
  return temperature !== 0 && (temperature !== undefined || topK !== undefined || topP !== undefined);
}

/** What ends a text whose last token is the newest of `generated`; undefined when it goes on. */
export function finishOf(
  generated: readonly number[],
  { settings, room }: { settings: GenerateSettings; room: number },
): Generated["finish"] | undefined {
  if (settings.endIds.includes(generated.at(-1) ?? -1)) return "end";
  if (settings.stops?.(generated) === true) return "stop";
  return generated.length >= Math.min(settings.maxTokens, room) ? "length" : undefined;
}

/** Ends a generation that was cancelled. CANCELLED. */
export function checkSignal({ signal }: GenerateOptions): void {
  if (signal?.aborted === true) throw new GraftError("CANCELLED", "Cannot finish the text: it was cancelled", { cause: signal.reason });
}

function check(settings: GenerateSettings): void {
  const { maxTokens, beams, lengthPenalty, noRepeatNgram = 0, temperature = 1, topK = 0, topP = 1 } = settings;
  const whole = (value: number, least: number): boolean => Number.isSafeInteger(value) && value >= least;
  for (const [name, value, holds, want] of [
    ["the number of tokens", maxTokens, whole(maxTokens, 1), "a whole number of at least 1"],
    ["the number of beams", beams, whole(beams, 1), "a whole number of at least 1"],
    ["the length penalty", lengthPenalty, Number.isFinite(lengthPenalty), "a number"],
    ["the n-gram size", noRepeatNgram, whole(noRepeatNgram, 0), "a whole number of at least 0"],
    ["the temperature", temperature, Number.isFinite(temperature) && temperature >= 0, "a number of at least 0"],
    ["top-k", topK, whole(topK, 0), "a whole number of at least 0"],
    ["top-p", topP, topP > 0 && topP <= 1, "a number above 0, up to 1"],
  ] as const) {
    if (!holds) throw new GraftError("USAGE", `Cannot generate: ${name} is ${value}, want ${want}`);
  }
  if (beams > 1 && draws(settings)) {
    throw new GraftError("USAGE", "Cannot generate: a beam search draws nothing at random", {
      hint: "Leave out either the beams or temperature, top-k and top-p",
    });
  }
}
