import { GraftError } from "@graft/error";
import { initialise, type Plan } from "@graft/methods";
import { floatValue, type Feeds } from "@graft/runtime";
import { buildAccumulation } from "./build-accumulation.ts";
import { buildStep } from "./build-step.ts";
import type { Settings } from "./defaults.ts";
import { OPTIMISERS } from "./optimisers.ts";
import type { TrainOptions } from "./options.ts";
import { openGraph, type Placement, type OpenSession, Trainer } from "./trainer.ts";
import { elements } from "./shape.ts";
import { encodeModel } from "@graft/onnx";
import { UPDATE_PART } from "./step-names.ts";

/** Where and how the sessions of a run are opened. */
export function placementOf(options: TrainOptions): Placement & { readonly openSession: OpenSession } {
  const { base, openSession, threads, device } = options;
  return {
    openSession,
    folder: base.folder,
    ...(threads === undefined ? {} : { threads }),
    ...(device === undefined ? {} : { device }),
  };
}

/** Builds the step and opens its session: one graph where a batch is run whole, two where it comes in parts. */
export async function openTrainer(
  options: TrainOptions,
  { plan, settings, whole }: { plan: Plan; settings: Settings; whole: boolean },
): Promise<{ trainer: Trainer; start: Feeds }> {
  const { base } = options;
  if (settings.precision === "mixed" && (options.device ?? "cpu") === "cpu") {
    throw new GraftError("USAGE", "Cannot train in mixed precision on the processor: it computes float16 as float32", {
      hint: "Choose the device webgpu or cuda, or full precision",
    });
  }
  const { optimiser } = settings;
  const { without } = options;
  const stepOptions = { ...settings, base, plan, optimiser: OPTIMISERS[optimiser], ...(without === undefined ? {} : { without }) };
  const accumulated = whole ? undefined : buildAccumulation(stepOptions);
  const graph = accumulated ?? buildStep(stepOptions);
  const values = await initialise(plan, { seed: settings.seed, weights: base.weights });
  const start: Feeds = Object.fromEntries(
    graph.trained.map(({ key, shape }) => [key, floatValue(shape, values.get(key) ?? new Float32Array())]),
  );
  const zeros = [...graph.slots, ...(accumulated?.sums ?? [])];
  const state: Feeds = {
    ...start,
    ...Object.fromEntries(zeros.map(({ key, shape }) => [key, floatValue(shape, new Float32Array(elements(shape)))])),
  };
  const session = await openGraph(graph.model, {
    ...placementOf(options),
    state,
    carry: graph.carry,
    ...(options.profile === true ? { profile: true } : {}),
    ...(accumulated === undefined
      ? {}
      : { parts: { [UPDATE_PART]: { model: encodeModel(accumulated.update.model), carry: accumulated.update.carry } } }),
  });
  return { trainer: new Trainer(session, graph), start };
}
