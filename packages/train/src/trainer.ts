import { GraftError } from "@graft/error";
import { encodeModel, type ModelProto } from "@graft/onnx";
import { floatValue, type Feeds, type Session, type SessionOptions } from "@graft/runtime";
import { STEP_INPUTS, STEP_OUTPUTS, type StepGraph } from "./build-step.ts";

/** How sessions are opened for training. */
export type OpenSession = (model: Uint8Array, options: SessionOptions) => Promise<Session>;

/**
 * Measured on this runtime: MatMul and Add as one Gemm is slower than apart, and planning memory ahead for shapes that
 * vary takes half as much again. Threads that spin while they wait halve the speed on a busy machine (140 against 235 ms a step).
 */
const SESSION: SessionOptions = { disabledOptimisers: ["MatMulAddFusion"], memoryPattern: false, spinning: false };

/** Where sessions run, and the folder of the base's weights. */
export type Placement = Pick<SessionOptions, "folder" | "threads" | "device">;

/** Opens a session over a graph, set up as training needs it. */
export function openGraph(
  model: ModelProto,
  options: Placement & { openSession: OpenSession; state: Feeds; carry?: Readonly<Record<string, string>> },
): Promise<Session> {
  const { openSession, ...rest } = options;
  return openSession(encodeModel(model), { ...SESSION, ...rest });
}

/** Runs steps; the state stays in the session. */
export class Trainer {
  readonly session: Session;
  readonly #step: StepGraph;

  constructor(session: Session, step: StepGraph) {
    this.session = session;
    this.#step = step;
  }

  /** One step, counted from 1. NOT_FINITE when loss or gradient are lost: the state is then worth nothing. */
  async step(feeds: Feeds, options: { step: number; learningRate: number }): Promise<{ loss: number; gradientNorm: number }> {
    const scalars = {
      [STEP_INPUTS.learningRate]: floatValue([], Float32Array.of(options.learningRate)),
      [STEP_INPUTS.step]: floatValue([], Float32Array.of(options.step)),
    };
    const outputs = await this.session.run({ ...feeds, ...scalars });
    const [loss, gradientNorm] = [scalar(outputs, STEP_OUTPUTS.loss), scalar(outputs, STEP_OUTPUTS.gradientNorm)];
    for (const [what, value] of [
      ["loss", loss],
      ["gradient", gradientNorm],
    ] as const) {
      if (Number.isFinite(value)) continue;
      throw new GraftError("NOT_FINITE", `Cannot go on training: the ${what} of step ${options.step} is ${value}`, {
        hint: "Lower the learning rate, or lengthen the warm-up",
        detail: { step: options.step, loss, gradientNorm },
      });
    }
    return { loss, gradientNorm };
  }

  /** A copy of the trained tensors, without the optimiser's state. */
  weights(): Promise<Feeds> {
    return this.session.state(this.#step.trained.map(({ key }) => key));
  }
}

function scalar(outputs: Feeds, name: string): number {
  return Number(outputs[name]?.data[0]);
}
