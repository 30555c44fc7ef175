import type { CheckpointInterval } from "./snapshot.ts";

/** Without a wish: not much work is lost, and little time goes into writing. */
export const CHECKPOINT_INTERVAL: CheckpointInterval = { epochs: 1, minutes: 5 };

/** Tells when the next checkpoint is due. */
export class CheckpointClock {
  readonly #every: CheckpointInterval;
  readonly #stepsPerEpoch: number;
  #step: number;
  #time: number;

  /** `now` in milliseconds. */
  constructor(every: CheckpointInterval, options: { stepsPerEpoch: number; step: number; now: number }) {
    this.#every = every;
    this.#stepsPerEpoch = options.stepsPerEpoch;
    this.#step = options.step;
    this.#time = options.now;
  }

  /** Whether one is due after a step. */
  due(step: number, now: number): boolean {
    const { steps, epochs, minutes } = this.#every;
    const passed = (size: number): boolean => Math.floor(step / size) > Math.floor(this.#step / size);
    return (
      (steps !== undefined && passed(steps)) ||
      (epochs !== undefined && passed(Math.max(1, epochs * this.#stepsPerEpoch))) ||
      (minutes !== undefined && now - this.#time >= minutes * 60_000)
    );
  }

  /** Counts anew from a checkpoint that was written. */
  written(step: number, now: number): void {
    this.#step = step;
    this.#time = now;
  }
}
