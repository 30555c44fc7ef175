import type { TrainEvent } from "./events.ts";
import type { TrainOptions } from "./options.ts";

/**
 * Trains, telling what happens as it happens. DATA_EMPTY, DATA_INVALID, TARGET_NOT_FOUND, OPERATOR_WITHOUT_GRADIENT;
 * NOT_FINITE with the step where the loss is lost; CANCELLED after `signal`. The session is closed whichever way it ends.
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainEvent, void, undefined> {
  throw new Error(`not yet ${options.base.name}`);
}
