/** Steps that the speed is taken over: enough to be steady, few enough to follow a change. */
const WINDOW = 20;

/** Tokens per second over the last steps, and what is left. */
export class Speed {
  #marks: { readonly time: number; readonly tokens: number }[];
  #tokens = 0;

  /** `now` in milliseconds. */
  constructor(now: number) {
    this.#marks = [{ time: now, tokens: 0 }];
  }

  /** Leaves out what was no step, such as an evaluation. */
  pause(milliseconds: number): void {
    this.#marks = this.#marks.map(({ time, tokens }) => ({ time: time + milliseconds, tokens }));
  }

  /** Counts a step and gives the speed. */
  step(now: number, options: { tokens: number; stepsLeft: number }): { tokensPerSecond: number; secondsLeft: number } {
    this.#tokens += options.tokens;
    this.#marks.push({ time: now, tokens: this.#tokens });
    if (this.#marks.length > WINDOW + 1) this.#marks.shift();
    const first = this.#marks[0] as { time: number; tokens: number };
    const seconds = Math.max(1e-6, (now - first.time) / 1000);
    return {
      tokensPerSecond: (this.#tokens - first.tokens) / seconds,
      secondsLeft: (options.stepsLeft * seconds) / Math.max(1, this.#marks.length - 1),
    };
  }
}
