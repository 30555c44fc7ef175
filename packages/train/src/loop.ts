import { type Plan, planAdapter } from "@graft/methods";
import { isFloat, type ModelProto } from "@graft/onnx";
import { buildEvaluation } from "./build-evaluation.ts";
import { checkSettings } from "./check-settings.ts";
import { settingsOf } from "./defaults.ts";
import { epochBatches, microBatches, microBatchOf, plannedSteps, rowsOfStep } from "./epochs.ts";
import type { TrainEvent } from "./events.ts";
import { Evaluator } from "./evaluator.ts";
import type { TrainOptions } from "./options.ts";
import { makeResult } from "./make-result.ts";
import { openTrainer, placementOf } from "./open-trainer.ts";
import { roomOf } from "./room.ts";
import { learningRateAt } from "./schedules.ts";
import { Speed } from "./speed.ts";
import { openTask } from "./tasks.ts";
import { elements } from "./shape.ts";
import { openGraph } from "./trainer.ts";

/** Plans, builds, steps, evaluates, and makes the result. Sessions are the caller's to close. */
export async function* trainingLoop(options: TrainOptions): AsyncGenerator<TrainEvent, void, undefined> {
  const { base } = options;
  const settings = settingsOf(options);
  checkSettings(settings);
  const task = await openTask(options, settings);
  const plan = planAdapter(base, { method: options.method, task: task.plan });
  const forward = { base, plan };
  const { trainer, start } = await openTrainer(options, { plan, settings });
  const evaluator = new Evaluator(() => openGraph(buildEvaluation(forward), { ...placementOf(options), state: start }), {
    task,
    batchSize: microBatchOf(settings),
    metrics: options.metrics,
  });

  const rows = task.lengths.train.length;
  const steps = plannedSteps(rows, settings);
  const stepsPerEpoch = Math.ceil(rows / rowsOfStep(settings));
  yield {
    type: "start",
    rows,
    evaluationRows: task.lengths.evaluation.length,
    truncated: task.truncated,
    skipped: task.skipped,
    parameters: { trained: plan.parameters, frozen: frozenParameters(base.model, plan) },
    targets: plan.targets.length,
    steps,
    epochs: steps / stepsPerEpoch,
    labels: task.labels,
    room: roomOf(base, options.method),
  };

  const speed = new Speed(performance.now());
  let done = 0;
  for (const { epoch, rows: chosen, last } of epochBatches(task.lengths.train, { ...settings, steps })) {
    options.signal?.throwIfAborted();
    const batch = await Promise.all(microBatches(chosen, settings).map((part) => task.batch("train", { rows: part, pass: `${epoch}` })));
    const learningRate = learningRateAt(done, { ...settings, steps });
    done++;
    const { loss, gradientNorm } = await trainer.step(
      batch.map(({ feeds, weight }) => ({ feeds, terms: weight })),
      { step: done, learningRate },
    );
    const tokens = batch.reduce((sum, part) => sum + part.tokens, 0);
    const pace = speed.step(performance.now(), { tokens, stepsLeft: steps - done });
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
    if (options.profile === true && done === 1)
      yield { type: "operators", device: trainer.session.device, operators: await trainer.session.operatorTimes() };
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
