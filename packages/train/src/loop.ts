import { initialise, type Plan, planAdapter } from "@graft/methods";
import { isFloat, type ModelProto } from "@graft/onnx";
import { floatValue, type Feeds } from "@graft/runtime";
import { buildEvaluation } from "./build-evaluation.ts";
import { buildStep } from "./build-step.ts";
import { settingsOf } from "./defaults.ts";
import { epochBatches, plannedSteps } from "./epochs.ts";
import type { TrainEvent } from "./events.ts";
import { Evaluator } from "./evaluator.ts";
import type { TrainOptions } from "./options.ts";
import { OPTIMISERS } from "./optimisers.ts";
import { makeResult } from "./make-result.ts";
import { learningRateAt } from "./schedules.ts";
import { Speed } from "./speed.ts";
import { openTask } from "./tasks.ts";
import { openGraph, Trainer } from "./trainer.ts";

/** Plans, builds, steps, evaluates, and makes the result. Sessions are the caller's to close. */
export async function* trainingLoop(options: TrainOptions): AsyncGenerator<TrainEvent, void, undefined> {
  const { base, openSession } = options;
  const settings = settingsOf(options);
  const task = await openTask(options, settings);
  const plan = planAdapter(base, { method: options.method, task: task.plan });
  const forward = { base, plan };
  const step = buildStep({
    ...forward,
    optimiser: OPTIMISERS[settings.optimiser],
    weightDecay: settings.weightDecay,
    maxGradientNorm: settings.maxGradientNorm,
  });
  const start = await initialise(plan, { seed: settings.seed, weights: base.weights });
  const weights: Feeds = Object.fromEntries(
    step.trained.map(({ key, shape }) => [key, floatValue(shape, start.get(key) ?? new Float32Array())]),
  );
  const state: Feeds = {
    ...weights,
    ...Object.fromEntries(step.slots.map(({ key, shape }) => [key, floatValue(shape, new Float32Array(elements(shape)))])),
  };
  const placement = {
    openSession,
    folder: base.folder,
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    ...(options.device === undefined ? {} : { device: options.device }),
  };
  const trainer = new Trainer(await openGraph(step.model, { ...placement, state, carry: step.carry }), step);
  const evaluator = new Evaluator(() => openGraph(buildEvaluation(forward), { ...placement, state: weights }), {
    task,
    batchSize: settings.batchSize,
  });

  const rows = task.lengths.train.length;
  const steps = plannedSteps(rows, settings);
  const stepsPerEpoch = Math.ceil(rows / settings.batchSize);
  yield {
    type: "start",
    rows,
    evaluationRows: task.lengths.evaluation.length,
    truncated: task.truncated,
    parameters: { trained: plan.parameters, frozen: frozenParameters(base.model, plan) },
    targets: plan.targets.length,
    steps,
    epochs: steps / stepsPerEpoch,
    labels: task.plan.type === "text-classification" ? task.plan.labels : [],
  };

  const speed = new Speed(performance.now());
  let done = 0;
  for (const { epoch, rows: chosen, last } of epochBatches(task.lengths.train, {
    batchSize: settings.batchSize,
    steps,
    seed: settings.seed,
  })) {
    options.signal?.throwIfAborted();
    const batch = task.batch("train", { rows: chosen, pass: `${epoch}` });
    const learningRate = learningRateAt(done, { ...settings, steps });
    done++;
    const { loss, gradientNorm } = await trainer.step(batch.feeds, { step: done, learningRate });
    const pace = speed.step(performance.now(), { tokens: batch.tokens, stepsLeft: steps - done });
    yield {
      type: "step",
      step: done,
      steps,
      epoch,
      loss,
      gradientNorm,
      learningRate,
      ...pace,
      peakMemory: await trainer.session.peakMemory(),
    };
    if (last && task.lengths.evaluation.length > 0) {
      const begin = performance.now();
      const evaluation = await evaluator.evaluate(await trainer.weights());
      speed.pause(performance.now() - begin);
      yield { type: "evaluation", step: done, epoch, ...evaluation };
    }
  }
  const final =
    settings.keep === "best" && evaluator.best !== undefined
      ? evaluator.best
      : { weights: await trainer.weights(), metrics: evaluator.last };
  yield { type: "end", steps: done, ...(await makeResult({ options, settings, plan, task, steps: done, evaluator, final })) };
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
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
