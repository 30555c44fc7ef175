import { GraftError } from "@graft/error";
import type { LossLevel } from "./checkpoints/snapshot.ts";

/** Steps that the first level is the mean of. */
const FIRST = 10;
/** Share of the running level that a step replaces. */
const SHARE = 0.05;

/**
 * Holds each step's loss against its running level: the larger of the mean of the first steps and a moving average. A hard batch
 * of a model that has learnt its rows stays below; a loss that explodes does not.
 */
export class LossWatch {
  readonly #factor: number;
  #level: LossLevel;

  /** `factor` 0 turns the watch off. */
  constructor(factor: number, level: LossLevel = { steps: 0, first: 0, running: 0 }) {
    this.#factor = factor;
    this.#level = level;
  }

  /** For a checkpoint. */
  get level(): LossLevel {
    return this.#level;
  }

  /** Counts the loss of a step. TRAINING_DIVERGED. */
  check(loss: number, step: number): void {
    const { steps, first, running } = this.#level;
    const highest = this.#factor * Math.max(first, running);
    if (this.#factor > 0 && steps > 0 && loss > highest) {
      throw new GraftError(
        "TRAINING_DIVERGED",
        `Cannot go on training: the loss of step ${step} is ${loss.toPrecision(4)}, more than ${this.#factor} times its level of ${Math.max(first, running).toPrecision(4)}`,
        { hint: "Lower the learning rate, or lengthen the warm-up", detail: { step, loss, level: Math.max(first, running) } },
      );
    }
    this.#level = {
      steps: steps + 1,
      first: steps < FIRST ? (first * steps + loss) / (steps + 1) : first,
      running: steps === 0 ? loss : running + SHARE * (loss - running),
    };
  }
}
