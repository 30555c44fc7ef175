import { type BaseIdentity, identifyWeights } from "@graft/architectures";
import { type Plan, planAdapter, preparePlan } from "@graft/methods";
import { buildEvaluation } from "./build-evaluation.ts";
import { checkMemory } from "./check-memory.ts";
import { checkPlan, checkSettings } from "./check-settings.ts";
import { identityOf } from "./checkpoints/identity-of.ts";
import { checkIdentity } from "./checkpoints/run-identity.ts";
import type { Restored, Snapshot } from "./checkpoints/snapshot.ts";
import { referToData, type DataReferences } from "./data-references.ts";
import { type Settings, settingsOf } from "./defaults.ts";
import { microBatchOf, plannedSteps, rowsOfStep } from "./epochs.ts";
import { Evaluator } from "./evaluator.ts";
import { LossWatch } from "./loss-watch.ts";
import { partBatches, type Parting } from "./micro-batches.ts";
import { openTrainer, placementOf } from "./open-trainer.ts";
import { observer } from "./observe.ts";
import type { TrainOptions } from "./options.ts";
import { openTask } from "./tasks.ts";
import type { Task } from "./tasks/task.ts";
import { openGraph, type Trainer } from "./trainer.ts";

/** A run that is set up: everything that its steps need. */
export interface Run {
  readonly options: TrainOptions;
  readonly settings: Settings;
  readonly task: Task;
  readonly plan: Plan;
  readonly parting: Parting;
  readonly trainer: Trainer;
  readonly evaluator: Evaluator;
  readonly watch: LossWatch;
  readonly steps: number;
  readonly stepsPerEpoch: number;
  /** Steps that a checkpoint had done. */
  readonly begun: number;
  readonly restored: Restored | undefined;
  references(): Promise<DataReferences>;
  baseIdentity(): Promise<BaseIdentity>;
  /** What a checkpoint keeps after a step. */
  snapshot(step: number): Promise<Snapshot>;
}

/** Encodes the rows, plans, builds, opens the session and, from a checkpoint, sets the state that it kept. Sessions are the caller's to close. */
export async function openRun(options: TrainOptions): Promise<Run> {
  const { base, identify = identifyWeights, checkpoints } = options;
  const settings = settingsOf(options);
  checkSettings(settings);
  const restored = await checkpoints?.load();
  const task = await openTask(options, settings);
  const planned = planAdapter(base, { method: options.method, task: task.plan });
  const plan = await preparePlan(planned, { ...base, observe: observer(options, task) });
  const steps = plannedSteps(task.lengths.train.length, settings);
  checkPlan(settings, { steps, evaluationRows: task.lengths.evaluation.length });
  const references = once(() => referToData(options, task));
  const baseIdentity = once(() => identify(base));
  const identity = once(async () =>
    identityOf(options, { settings, task, data: await references(), base: (await baseIdentity()).reference }),
  );
  // Before the session is opened: what is refused should be refused at once.
  if (restored !== undefined) checkIdentity(await identity(), restored.snapshot.identity);
  const kept = restored?.snapshot;
  checkMemory(options, { plan, settings, task });
  const parting = partBatches(settings, { plan, lengths: task.lengths.train });
  const trainer = await openTrainer(options, { plan, settings, whole: parting.whole });
  if (kept !== undefined) await trainer.restore(kept.state);
  const evaluator = new Evaluator(() => openGraph(buildEvaluation({ base, plan }), { ...placementOf(options), state: {} }), {
    task,
    batchSize: microBatchOf(settings),
    metrics: options.metrics,
    bestBy: settings.bestBy,
    signal: options.signal,
    ...(kept === undefined ? {} : { state: kept.evaluation }),
  });
  const watch = new LossWatch(settings.maxLossRatio, kept?.loss);
  return {
    options,
    settings,
    task,
    plan,
    parting,
    trainer,
    evaluator,
    watch,
    steps,
    stepsPerEpoch: Math.ceil(task.lengths.train.length / rowsOfStep(settings)),
    begun: kept?.step ?? 0,
    restored,
    references,
    baseIdentity,
    snapshot: async (step) => ({
      identity: await identity(),
      step,
      state: await trainer.state(),
      evaluation: evaluator.state,
      loss: watch.level,
    }),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
