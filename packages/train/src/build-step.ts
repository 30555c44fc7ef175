import { appendGradients } from "@graft/autodiff";
import { GraftError } from "@graft/error";
import type { GraphBuilder, ModelProto } from "@graft/onnx";
import { buildForward, type ForwardOptions } from "./forward-graph.ts";
import type { Optimiser } from "./optimisers.ts";

/** A tensor that stays in the session from step to step; a graph input of that name. */
export interface StateTensor {
  readonly key: string;
  readonly shape: readonly number[];
}

/** One step of training as one graph, and how its state goes round. */
export interface StepGraph {
  readonly model: ModelProto;
  readonly trained: readonly StateTensor[];
  /** State inputs besides the trained tensors, zero at first. */
  readonly slots: readonly StateTensor[];
  /** Output → the state input that it is for the next step. */
  readonly carry: Readonly<Record<string, string>>;
}

/** Scalars that every step is fed with, float32. */
export const STEP_INPUTS = { learningRate: "learning_rate", step: "step" } as const;
/** Scalars that every step gives, float32; all other outputs are state. */
export const STEP_OUTPUTS = { loss: "loss", gradientNorm: "gradient_norm" } as const;

/** What a step is made of. */
export interface StepOptions extends ForwardOptions {
  readonly optimiser: Optimiser;
  readonly weightDecay: number;
  /** Largest norm over all gradients; 0 turns clipping off. */
  readonly maxGradientNorm: number;
}

/** Builds forward pass, loss, gradients, clipping and update as one ONNX graph. OPERATOR_WITHOUT_GRADIENT. */
export function buildStep(options: StepOptions): StepGraph {
  const { builder, loss } = buildForward(options);
  const trained = options.plan.trainables;
  const gradients = appendGradients(builder, { loss, wrt: trained.map(({ key }) => key) });
  const untouched = trained.filter(({ key }) => !gradients.has(key));
  if (untouched.length > 0) throw new GraftError("INTERNAL", `Cannot train "${untouched[0]?.key}": the loss does not depend on it`);
  const norm = gradientNorm(builder, [...gradients.values()]);
  const scalars = {
    learningRate: builder.input(STEP_INPUTS.learningRate, "float32", []),
    step: builder.input(STEP_INPUTS.step, "float32", []),
    ...(options.maxGradientNorm === 0 ? {} : { clip: clipFactor(builder, { norm, most: options.maxGradientNorm }) }),
  };
  const update = options.optimiser.prepare(builder, scalars);
  const slots: StateTensor[] = [];
  const carry: Record<string, string> = {};
  const carried = (value: string, input: StateTensor): void => {
    carry[builder.output(value, { type: "float32", shape: input.shape })] = input.key;
  };
  for (const tensor of trained) {
    const state = Object.fromEntries(
      options.optimiser.slots.map((slot) => [slot, builder.input(`${tensor.key}.${slot}`, "float32", tensor.shape)]),
    );
    // Biases and normalisations, which have one axis, do not decay.
    const weightDecay = tensor.shape.length > 1 ? options.weightDecay : 0;
    const next = update({ parameter: tensor.key, gradient: gradients.get(tensor.key) ?? "", state, weightDecay });
    carried(next.parameter, tensor);
    for (const [slot, input] of Object.entries(state)) {
      const kept = { key: input, shape: tensor.shape };
      slots.push(kept);
      carried(next.state[slot] ?? "", kept);
    }
  }
  builder.output(loss, { name: STEP_OUTPUTS.loss, type: "float32", shape: [] });
  builder.output(norm, { name: STEP_OUTPUTS.gradientNorm, type: "float32", shape: [] });
  return { model: builder.model, trained, slots, carry };
}

/** Euclidean norm over all gradients together. */
function gradientNorm(builder: GraphBuilder, gradients: readonly string[]): string {
  const squares = gradients.map((gradient) => builder.op("ReduceSumSquare", [gradient], { attributes: { keepdims: 0 } }));
  return builder.op("Sqrt", [builder.op("Sum", squares)]);
}

/** What gradients are multiplied with so that their norm is at most `most`, as torch.nn.utils.clip_grad_norm_ has it. */
function clipFactor(builder: GraphBuilder, { norm, most }: { norm: string; most: number }): string {
  return builder.op("Min", [builder.float(1), builder.op("Div", [builder.float(most), builder.op("Add", [norm, builder.float(1e-6)])])]);
}
