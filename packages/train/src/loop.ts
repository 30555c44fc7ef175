import { GraftError, isGraftError } from "@graft/error";
import type { Plan } from "@graft/methods";
import { isFloat, type ModelProto } from "@graft/onnx";
import { CheckpointClock } from "./checkpoints/interval.ts";
import { dropoutFeeds } from "./dropout-feeds.ts";
import { epochBatches } from "./epochs.ts";
import type { CheckpointEvent, EvaluationEvent, OperatorsEvent, StartEvent, StepEvent, TrainEvent } from "./events.ts";
import { makeResult } from "./make-result.ts";
import type { TrainOptions } from "./options.ts";
import { longestRow, roomOf } from "./room.ts";
import { openRun, type Run } from "./run.ts";
import { makeSamples } from "./samples.ts";
import { learningRateAt } from "./schedules.ts";
import { elements } from "./shape.ts";
import { Speed } from "./speed.ts";

/** Opens a run, steps, evaluates, keeps checkpoints, and makes the result. Sessions are the caller's to close. */
export async function* trainingLoop(options: TrainOptions): AsyncGenerator<TrainEvent, void, undefined> {
  const run = await openRun(options);
  yield startEvent(run);
  const loop = new Loop(run);
  try {
    if (loop.mustEvaluate()) yield await loop.evaluate();
    for (const batch of loop.stopsEarly()
      ? []
      : epochBatches(run.task.lengths.train, { ...run.settings, steps: run.steps, begun: run.begun })) {
      options.signal?.throwIfAborted();
      yield await loop.step(batch);
      if (loop.mustProfile()) yield await loop.operators();
      if (loop.mustEvaluate()) yield await loop.evaluate();
      if (loop.mustKeep()) yield await loop.keep();
      if (loop.stopsEarly()) break;
    }
  } catch (error) {
    if (options.signal?.aborted !== true) throw loop.withCheckpoint(error);
    if (loop.mayKeep()) yield await loop.keep();
    throw loop.withCheckpoint(new GraftError("CANCELLED", "Cannot finish training: it was cancelled", { cause: error }));
  }
  yield await loop.end();
}

/** Where a run stands, and what it does from one event to the next. */
class Loop {
  readonly #run: Run;
  readonly #speed = new Speed(performance.now());
  readonly #clock: CheckpointClock | undefined;
  #done: number;
  #epoch: number;
  /** The last checkpoint: step and place. */
  #kept: { readonly step: number; readonly place: string } | undefined;

  constructor(run: Run) {
    this.#run = run;
    this.#done = run.begun;
    this.#epoch = Math.ceil(run.begun / run.stepsPerEpoch);
    this.#kept = run.restored === undefined ? undefined : { step: run.begun, place: run.restored.place };
    const every = run.options.checkpoints?.every;
    if (every !== undefined)
      this.#clock = new CheckpointClock(every, { stepsPerEpoch: run.stepsPerEpoch, step: run.begun, now: performance.now() });
  }

  async step({ epoch, rows }: { epoch: number; rows: readonly number[] }): Promise<StepEvent> {
    const { options, settings, steps, task, trainer, watch, parting } = this.#run;
    const batch = await Promise.all(parting.parts(rows).map((part) => task.batch("train", { rows: part, pass: `${epoch}` })));
    const learningRate = options.rateAt?.(this.#done) ?? learningRateAt(this.#done, { ...settings, steps });
    const step = this.#done + 1;
    const { loss, gradientNorm } = await trainer.step(
      batch.map(({ feeds, weight }, index) => ({
        feeds: { ...feeds, ...dropoutFeeds(this.#run.plan, { seed: settings.seed, pass: `${step} ${index}` }) },
        terms: weight,
      })),
      { step, learningRate },
    );
    watch.check(loss, step);
    this.#done = step;
    this.#epoch = epoch;
    const tokens = batch.reduce((sum, part) => sum + part.tokens, 0);
    const pace = this.#speed.step(performance.now(), { tokens, stepsLeft: steps - step });
    return { type: "step", step, steps, epoch, loss, gradientNorm, learningRate, ...pace, peakMemory: await trainer.session.peakMemory() };
  }

  /** Whether this was the first step of a run that tells where its operators are. */
  mustProfile(): boolean {
    return this.#run.options.profile === true && this.#done === this.#run.begun + 1;
  }

  async operators(): Promise<OperatorsEvent> {
    const { session } = this.#run.trainer;
    return { type: "operators", device: session.device, operators: await session.operatorTimes() };
  }

  /** Whether an evaluation is due that has not been made. */
  mustEvaluate(): boolean {
    const { settings, task, steps, stepsPerEpoch, evaluator } = this.#run;
    if (task.lengths.evaluation.length === 0 || this.#done === 0 || evaluator.state.step === this.#done) return false;
    return this.#done === steps || this.#done % (settings.evaluateEvery ?? stepsPerEpoch) === 0;
  }

  async evaluate(): Promise<EvaluationEvent> {
    const { evaluator, trainer } = this.#run;
    const begin = performance.now();
    const evaluation = await evaluator.evaluate(await trainer.weights(), this.#done);
    this.#speed.pause(performance.now() - begin);
    return { type: "evaluation", step: this.#done, epoch: this.#epoch, ...evaluation };
  }

  /** Whether as many evaluations as the patience allows were no better. */
  stopsEarly(): boolean {
    const { settings, evaluator } = this.#run;
    return settings.patience !== undefined && evaluator.state.waited >= settings.patience;
  }

  /** Whether a checkpoint is due. */
  mustKeep(): boolean {
    return this.#done < this.#run.steps && this.#clock?.due(this.#done, performance.now()) === true;
  }

  /** Whether a checkpoint was asked for, and there is something new to keep. */
  mayKeep(): boolean {
    return this.#clock !== undefined && this.#done > (this.#kept?.step ?? 0);
  }

  async keep(): Promise<CheckpointEvent> {
    const begin = performance.now();
    const place = (await this.#run.options.checkpoints?.save(await this.#run.snapshot(this.#done))) ?? "";
    this.#kept = { step: this.#done, place };
    this.#clock?.written(this.#done, performance.now());
    this.#speed.pause(performance.now() - begin);
    return { type: "checkpoint", step: this.#done, place };
  }

  /** The same error, which also says from where the run can go on. */
  withCheckpoint(error: unknown): unknown {
    if (this.#kept === undefined || !isGraftError(error)) return error;
    const { code, message, hint, detail, cause } = error;
    const { step, place } = this.#kept;
    return new GraftError(code, message, {
      cause: cause ?? error,
      hint: `${hint === undefined ? "" : `${hint}. `}The state after step ${step} is kept in "${place}"`,
      detail: { ...detail, checkpoint: place, checkpointStep: step },
    });
  }

  async end(): Promise<TrainEvent> {
    const { settings, evaluator, trainer, steps } = this.#run;
    const { best, last } = evaluator.state;
    const final = settings.keep === "best" && best !== undefined ? best : { weights: await trainer.weights(), metrics: last };
    // Whatever the result needs the base for, it needs the memory of the steps no more.
    await trainer.session.close();
    return {
      type: "end",
      steps: this.#done,
      stoppedEarly: this.#done < steps,
      ...(await makeResult({ run: this.#run, steps: this.#done, final })),
      samples: await makeSamples({ run: this.#run, steps: this.#done, final }),
    };
  }
}

function startEvent({ task, plan, steps, stepsPerEpoch, options, settings, begun }: Run): StartEvent {
  return {
    type: "start",
    rows: task.lengths.train.length,
    evaluationRows: task.lengths.evaluation.length,
    longest: longestRow(options, settings),
    truncated: task.truncated,
    skipped: task.skipped,
    parameters: { trained: plan.parameters, frozen: frozenParameters(options.base.model, plan) },
    targets: plan.targets.length,
    steps,
    epochs: steps / stepsPerEpoch,
    labels: task.labels,
    room: roomOf(options.base, options.method),
    begun,
  };
}

/** Numbers of the base that stay as they are. */
function frozenParameters(model: ModelProto, plan: Plan): number {
  const replaced = new Set(
    plan.trainables.flatMap(({ role, initializer }) => (role === "replacement" && initializer !== undefined ? [initializer] : [])),
  );
  const frozen = (model.graph?.initializer ?? []).filter(
    (tensor) => isFloat(tensor) && tensor.dims.length > 0 && !replaced.has(tensor.name),
  );
  return frozen.reduce((sum, { dims }) => sum + elements(dims.map(Number)), 0);
}
