/** How the scores of the next token are changed before one is chosen. */
export interface ScoreOptions {
  /** No run of so many tokens comes twice, the prompt counted; 0 allows all. */
  readonly noRepeatNgram?: number | undefined;
  /** Divides the logits: below 1 the likely gets likelier. */
  readonly temperature?: number | undefined;
  /** Only the so many most likely tokens. */
  readonly topK?: number | undefined;
  /** Only the fewest most likely tokens that together have this probability. */
  readonly topP?: number | undefined;
}

/** Changes scores in place as the logits processors of `transformers` do, in their order. */
export function processScores(scores: Float32Array, tokens: readonly number[], options: ScoreOptions): Float32Array {
  const { noRepeatNgram = 0, temperature = 1, topK = 0, topP = 1 } = options;
  if (noRepeatNgram > 0) for (const token of repeated(tokens, noRepeatNgram)) scores[token] = Number.NEGATIVE_INFINITY;
  if (temperature !== 1) for (let token = 0; token < scores.length; token++) scores[token] = (scores[token] as number) / temperature;
  if (topK > 0) keepMost(scores, topK);
  if (topP < 1) keepProbable(scores, topP);
  return scores;
}

/** Logarithms of the probabilities. */
export function logSoftmax(logits: Float32Array): Float32Array {
  const most = highest(logits);
  let sum = 0;
  for (const value of logits) sum += Math.exp(value - most);
  const shift = most + Math.log(sum);
  return logits.map((value) => value - shift);
}

/** The highest score's token; the first of several. */
export function mostLikely(scores: Float32Array): number {
  let best = 0;
  for (let token = 1; token < scores.length; token++) if ((scores[token] as number) > (scores[best] as number)) best = token;
  return best;
}

/** A token drawn with the probabilities that softmax gives the scores; `draw` is a number from 0 up to and without 1. */
export function drawToken(scores: Float32Array, draw: number): number {
  const most = highest(scores);
  let total = 0;
  for (const score of scores) total += Math.exp(score - most);
  let left = draw * total;
  let last = 0;
  for (let token = 0; token < scores.length; token++) {
    const weight = Math.exp((scores[token] as number) - most);
    if (weight === 0) continue;
    last = token;
    left -= weight;
    if (left < 0) return token;
  }
  return last;
}

/** Tokens that would end a run of `size` tokens that has been there. */
function repeated(tokens: readonly number[], size: number): number[] {
  const begin = tokens.slice(tokens.length - size + 1);
  const found: number[] = [];
  for (let start = 0; start + size <= tokens.length; start++) {
    const token = tokens[start + size - 1];
    if (token !== undefined && begin.every((value, index) => tokens[start + index] === value)) found.push(token);
  }
  return found;
}

function keepMost(scores: Float32Array, count: number): void {
  if (count >= scores.length) return;
  const least = scores.toSorted()[scores.length - count] as number;
  for (let token = 0; token < scores.length; token++) if ((scores[token] as number) < least) scores[token] = Number.NEGATIVE_INFINITY;
}

function keepProbable(scores: Float32Array, share: number): void {
  const order = Array.from(scores.keys()).sort((one, other) => (scores[one] as number) - (scores[other] as number));
  const logarithms = logSoftmax(scores);
  let sum = 0;
  // Always one is left.
  for (const token of order.slice(0, -1)) {
    sum += Math.exp(logarithms[token] as number);
    if (sum > 1 - share) return;
    scores[token] = Number.NEGATIVE_INFINITY;
  }
}

function highest(values: Float32Array): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) if (value > most) most = value;
  return most;
}
