/** Milliseconds between two drawings of a bar, and between two lines where there is no terminal. */
const DRAW_EVERY = 100;
const LINE_EVERY = 5000;
const WIDTH = 24;

/** A bar on a terminal, a line every few seconds elsewhere, on standard error so that results can be piped. */
export class Progress {
  readonly #enabled: boolean;
  readonly #terminal = process.stderr.isTTY === true;
  #last = 0;
  #drawn = false;

  constructor(options: { enabled: boolean }) {
    this.#enabled = options.enabled;
  }

  /** Shows how far the work is: `done` of `total`, what it is, and what there is to say about it. */
  update(state: { label: string; done: number; total: number; detail?: string }): void {
    if (!this.#enabled) return;
    const now = performance.now();
    const finished = state.done >= state.total;
    if (!finished && now - this.#last < (this.#terminal ? DRAW_EVERY : LINE_EVERY)) return;
    this.#last = now;
    const share = state.total === 0 ? 1 : Math.min(1, state.done / state.total);
    const detail = state.detail === undefined ? "" : `  ${state.detail}`;
    if (!this.#terminal) {
      process.stderr.write(`${state.label} ${Math.round(share * 100)} %${detail}\n`);
      return;
    }
    const filled = Math.round(share * WIDTH);
    const text = `${state.label} ${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} ${Math.round(share * 100)} %${detail}`;
    process.stderr.write(`\r\u001b[2K${text.slice(0, process.stderr.columns ?? 120)}`);
    this.#drawn = true;
  }

  /** Ends the bar, so that the next line begins at the left. */
  end(): void {
    if (this.#drawn) process.stderr.write("\r\u001b[2K");
    this.#drawn = false;
    this.#last = 0;
  }
}
