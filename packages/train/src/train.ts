import { GraftError, isGraftError } from "@graft/error";
import type { Session } from "@graft/runtime";
import type { TrainEvent } from "./events.ts";
import { trainingLoop } from "./loop.ts";
import type { TrainOptions } from "./options.ts";

/**
 * Trains, telling what happens as it happens. DATA_EMPTY, DATA_INVALID, TARGET_NOT_FOUND, OPERATOR_WITHOUT_GRADIENT;
 * NOT_FINITE or TRAINING_DIVERGED with the step where the loss is lost; CANCELLED after `signal`; CHECKPOINT_INVALID, CHECKPOINT_MISMATCH.
 * The sessions are closed whichever way it ends.
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainEvent, void, undefined> {
  const sessions: Session[] = [];
  const close = (): Promise<unknown> => Promise.all(sessions.map((session) => session.close()));
  // With checkpoints the loop ends by itself after the step that is running, to keep what it has reached.
  const stop = (): void => void (options.checkpoints === undefined && close());
  options.signal?.addEventListener("abort", stop);
  try {
    options.signal?.throwIfAborted();
    yield* trainingLoop({
      ...options,
      openSession: async (model, sessionOptions) => {
        const session = await options.openSession(model, sessionOptions);
        sessions.push(session);
        options.signal?.throwIfAborted();
        return session;
      },
    });
  } catch (error) {
    if (options.signal?.aborted !== true || (isGraftError(error) && error.detail?.["checkpoint"] !== undefined)) throw error;
    throw new GraftError("CANCELLED", "Cannot finish training: it was cancelled", { cause: error });
  } finally {
    options.signal?.removeEventListener("abort", stop);
    await close();
  }
}
