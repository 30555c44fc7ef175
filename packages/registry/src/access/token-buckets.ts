/** How a bucket fills: at most `capacity`, `perSecond` at a time. */
export interface BucketRate {
  readonly capacity: number;
  readonly perSecond: number;
}

/** Buckets that are kept at most: one that was not asked for longest goes first, and comes back full. */
const MOST = 100_000;

/** Token buckets by key, in this process: a burst up to the capacity, then a steady rate. */
export class TokenBuckets {
  readonly #rate: BucketRate;
  readonly #clock: () => Date;
  readonly #buckets = new Map<string, { level: number; at: number }>();

  constructor(rate: BucketRate, clock: () => Date) {
    this.#rate = rate;
    this.#clock = clock;
  }

  /** Buckets that are kept. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes one. Gives 0, or the seconds after which there will be one. */
  take(key: string): number {
    const { capacity, perSecond } = this.#rate;
    const now = this.#clock().getTime() / 1000;
    const known = this.#buckets.get(key);
    // A clock that is set back fills nothing.
    const level = known === undefined ? capacity : Math.min(capacity, known.level + Math.max(0, now - known.at) * perSecond);
    const isThere = level >= 1;
    this.#buckets.delete(key);
    this.#buckets.set(key, { level: isThere ? level - 1 : level, at: now });
    if (this.#buckets.size > MOST) this.#buckets.delete(this.#buckets.keys().next().value ?? key);
    return isThere ? 0 : (1 - level) / perSecond;
  }
}
