import type { TokenStore } from "@graft/storage";

/** How long uses are gathered, in milliseconds. */
const EVERY = 60_000;

/** Gathers when tokens were used, and writes it once a minute: a request that reads never waits for a write. */
export class TokenUse {
  readonly #tokens: TokenStore;
  readonly #onFault: (cause: unknown) => void;
  #times = new Map<string, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writtenAt = Number.NEGATIVE_INFINITY;

  constructor(tokens: TokenStore, onFault: (cause: unknown) => void) {
    this.#tokens = tokens;
    this.#onFault = onFault;
  }

  /** Notes a use; writes what was gathered when a minute has gone by. */
  note(id: string, at: Date): void {
    this.#times.set(id, at.toISOString());
    const wait = EVERY - (at.getTime() - this.#writtenAt);
    if (wait > 0) {
      // Nobody may ask again for long.
      this.#timer ??= setTimeout(() => this.#write(), wait).unref();
      return;
    }
    this.#writtenAt = at.getTime();
    this.#write();
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const times = this.#times;
    this.#times = new Map();
    void this.#tokens.used(times).catch(this.#onFault);
  }
}
