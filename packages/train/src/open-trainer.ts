import { GraftError } from "@graft/error";
import { initialise, type Plan } from "@graft/methods";
import { floatValue, type Feeds, type SessionOptions } from "@graft/runtime";
import { type AccumulationGraph, buildAccumulation } from "./build-accumulation.ts";
import { buildPieces, type PieceGraph } from "./build-pieces.ts";
import { buildStep, type StepGraph, type StepOptions } from "./build-step.ts";
import type { Settings } from "./defaults.ts";
import { isLarge } from "./micro-batches.ts";
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

/** Builds the step and opens its session: one graph where a batch is run whole, more where it comes in parts or much is trained. */
export async function openTrainer(
  options: TrainOptions,
  { plan, settings, whole }: { plan: Plan; settings: Settings; whole: boolean },
): Promise<Trainer> {
  const { base } = options;
  if (settings.precision === "mixed" && (options.device ?? "cpu") === "cpu") {
    throw new GraftError("USAGE", "Cannot train in mixed precision on the processor: it computes float16 as float32", {
      hint: "Choose the device webgpu or cuda, or full precision",
    });
  }
  const { optimiser } = settings;
  const { without } = options;
  const stepOptions = { ...settings, base, plan, optimiser: OPTIMISERS[optimiser], ...(without === undefined ? {} : { without }) };
  const graph = buildGraph(stepOptions, { whole });
  const values = await initialise(plan, { seed: settings.seed, weights: base.weights });
  const start: Feeds = Object.fromEntries(
    graph.trained.map(({ key, shape }) => [key, floatValue(shape, values.get(key) ?? new Float32Array())]),
  );
  const zeros = [...graph.slots, ...("sums" in graph ? graph.sums : [])];
  const state: Feeds = {
    ...start,
    ...Object.fromEntries(zeros.map(({ key, shape }) => [key, floatValue(shape, new Float32Array(elements(shape)))])),
  };
  const session = await openGraph(graph.model, {
    ...placementOf(options),
    state,
    givesState: true,
    carry: graph.carry,
    ...(options.profile === true ? { profile: true } : {}),
    ...partsOf(graph),
  });
  return new Trainer(session, graph, settings.maxGradientNorm);
}

function buildGraph(options: StepOptions, { whole }: { whole: boolean }): StepGraph | AccumulationGraph | PieceGraph {
  if (isLarge(options.plan)) return buildPieces({ ...options, accumulates: !whole });
  return whole ? buildStep(options) : buildAccumulation(options);
}

function partsOf(graph: StepGraph | AccumulationGraph | PieceGraph): Pick<SessionOptions, "parts"> {
  if ("parts" in graph) return { parts: graph.parts };
  return "update" in graph ? { parts: { [UPDATE_PART]: { model: encodeModel(graph.update.model), carry: graph.update.carry } } } : {};
}
