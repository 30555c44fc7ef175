import { GraftError } from "@graft/error";
import { encodeModel, lowerOperators, type ModelProto, unpacksWeights } from "@graft/onnx";
import { floatValue, type Feeds, type Session, type SessionOptions } from "@graft/runtime";
import type { AccumulationGraph } from "./build-accumulation.ts";
import { CLIP, type PieceGraph } from "./build-pieces.ts";
import type { StepGraph } from "./build-step.ts";
import { ACCUMULATION_INPUTS, STEP_INPUTS, STEP_OUTPUTS, UPDATE_PART } from "./step-names.ts";

/** How sessions are opened for training. */
export type OpenSession = (model: Uint8Array, options: SessionOptions) => Promise<Session>;

/**
 * Measured on this runtime: MatMul and Add as one Gemm is slower than apart, and planning memory ahead for shapes that
 * vary takes half as much again. Threads that spin while they wait halve the speed on a busy machine (140 against 235 ms a step).
 */
const SESSION = { disabledOptimisers: ["MatMulAddFusion"], memoryPattern: false, spinning: false } as const satisfies SessionOptions;

/**
 * The first would find that forward and backward pass unpack the same weight, and hold it unpacked between them; the second
 * makes of an unpacking and a product a kernel that keeps a packed copy of its own.
 */
const UNPACKS_ONCE = ["CommonSubexpressionElimination", "QDQSelectorActionTransformer"] as const;

/** Where sessions run, and the folder of the base's weights. */
export type Placement = Pick<SessionOptions, "folder" | "threads" | "device">;

/** Opens a session over a graph, set up as training needs it. */
export function openGraph(
  model: ModelProto,
  options: Placement & Pick<SessionOptions, "carry" | "parts" | "profile" | "givesState"> & { openSession: OpenSession; state: Feeds },
): Promise<Session> {
  const { openSession, ...rest } = options;
  // WebGPU has no kernel for some: each would send its operands to the processor and back.
  if (options.device === "webgpu" || options.device === "auto") lowerOperators(model);
  const disabledOptimisers = unpacksWeights(model) ? [...SESSION.disabledOptimisers, ...UNPACKS_ONCE] : SESSION.disabledOptimisers;
  return openSession(encodeModel(model), { ...SESSION, disabledOptimisers, ...rest });
}

/** A part of a batch that is run at once. */
export interface MicroBatch {
  readonly feeds: Feeds;
  /** Terms that its mean loss is over. */
  readonly terms: number;
}

/** What a step gives. */
export interface Stepped {
  /** Mean loss of the batch before the step. */
  readonly loss: number;
  /** Norm over all gradients, before clipping. */
  readonly gradientNorm: number;
}

/** Runs steps; the state stays in the session. */
export class Trainer {
  readonly session: Session;
  readonly #graph: StepGraph | AccumulationGraph | PieceGraph;
  readonly #clip: number;

  /** `maxGradientNorm` is what gradients are clipped to, where the graph leaves that to its updates. */
  constructor(session: Session, graph: StepGraph | AccumulationGraph | PieceGraph, maxGradientNorm = 0) {
    this.session = session;
    this.#graph = graph;
    this.#clip = maxGradientNorm;
  }

  /** One step, counted from 1, over all micro-batches of its batch. NOT_FINITE when loss or gradient are lost: the state is then worth nothing. */
  async step(batch: readonly MicroBatch[], options: { step: number; learningRate: number }): Promise<Stepped> {
    // Where nothing carries a loss there is nothing to learn, and the mean is no number.
    if (batch.every(({ terms }) => terms === 0)) return { loss: 0, gradientNorm: 0 };
    const scalars = {
      [STEP_INPUTS.learningRate]: floatScalar(options.learningRate),
      [STEP_INPUTS.step]: floatScalar(options.step),
    };
    const stepped =
      "parts" in this.#graph
        ? await this.#inPieces(batch, { scalars, graph: this.#graph })
        : "update" in this.#graph
          ? await this.#accumulate(batch, scalars)
          : await this.#whole(batch, scalars);
    for (const [what, value] of [
      ["loss", stepped.loss],
      ["gradient", stepped.gradientNorm],
    ] as const) {
      if (Number.isFinite(value)) continue;
      throw new GraftError("NOT_FINITE", `Cannot go on training: the ${what} of step ${options.step} is ${value}`, {
        hint: "Lower the learning rate, or lengthen the warm-up",
        detail: { step: options.step, ...stepped },
      });
    }
    return stepped;
  }

  /** A copy of the trained tensors, without the optimiser's state. */
  weights(): Promise<Feeds> {
    return this.session.state(this.#graph.trained.map(({ key }) => key));
  }

  /** A copy of everything that goes on from step to step. */
  state(): Promise<Feeds> {
    return this.session.state([...this.#graph.trained, ...this.#graph.slots].map(({ key }) => key));
  }

  /** Sets what `state` gave. */
  restore(state: Feeds): Promise<void> {
    return this.session.setState(state);
  }

  async #whole([micro, ...more]: readonly MicroBatch[], scalars: Feeds): Promise<Stepped> {
    if (micro === undefined || more.length > 0) throw new TypeError("A step without accumulation takes its batch whole");
    const outputs = await this.session.run({ ...micro.feeds, ...scalars });
    return { loss: scalar(outputs, STEP_OUTPUTS.loss), gradientNorm: scalar(outputs, STEP_OUTPUTS.gradientNorm) };
  }

  /** The gradients, then every piece of the state: what is not finite is told before the weights are changed. */
  async #inPieces(batch: readonly MicroBatch[], { scalars, graph }: { scalars: Feeds; graph: PieceGraph }): Promise<Stepped> {
    const stepped = graph.sums.length > 0 ? await this.#sum(batch) : await this.#whole(batch, {});
    if (!Number.isFinite(stepped.gradientNorm)) return stepped;
    const clip = this.#clip === 0 ? {} : { [CLIP]: floatScalar(Math.min(1, this.#clip / (stepped.gradientNorm + 1e-6))) };
    for (const part of Object.keys(graph.parts)) await this.session.run({ ...scalars, ...clip }, { part });
    return stepped;
  }

  async #accumulate(batch: readonly MicroBatch[], scalars: Feeds): Promise<Stepped> {
    const { loss } = await this.#sum(batch);
    const outputs = await this.session.run(scalars, { part: UPDATE_PART });
    return { loss, gradientNorm: scalar(outputs, STEP_OUTPUTS.gradientNorm) };
  }

  /** Adds up the gradients of micro-batches. */
  async #sum(batch: readonly MicroBatch[]): Promise<Stepped> {
    const terms = batch.reduce((sum, micro) => sum + micro.terms, 0);
    // The mean loss of a micro-batch without a term is no number.
    const counting = batch.filter((micro) => micro.terms > 0);
    let [loss, gradientNorm] = [0, 0];
    for (const [index, micro] of counting.entries()) {
      const weight = {
        [ACCUMULATION_INPUTS.share]: floatScalar(micro.terms / terms),
        [ACCUMULATION_INPUTS.keep]: floatScalar(index === 0 ? 0 : 1),
      };
      const outputs = await this.session.run({ ...micro.feeds, ...weight });
      loss += scalar(outputs, STEP_OUTPUTS.loss);
      // Of what was added up so far, where the graph tells it: the last is that of all.
      gradientNorm = scalar(outputs, STEP_OUTPUTS.gradientNorm);
    }
    return { loss, gradientNorm };
  }
}

function floatScalar(value: number): Feeds[string] {
  return floatValue([], Float32Array.of(value));
}

function scalar(outputs: Feeds, name: string): number {
  return Number(outputs[name]?.data[0]);
}
