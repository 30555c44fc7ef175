import type { Plan } from "@graft/methods";
import type { GraphBuilder } from "@graft/onnx";
import { STEP_INPUTS, STEP_OUTPUTS } from "./step-names.ts";
import type { Optimiser, OptimiserConstants } from "./optimisers.ts";

/** A tensor that stays in the session from step to step; a graph input of that name. */
export interface StateTensor {
  readonly key: string;
  readonly shape: readonly number[];
}

/** How weights follow their gradients. */
export interface UpdateOptions extends Partial<OptimiserConstants> {
  readonly plan: Pick<Plan, "trainables">;
  readonly optimiser: Optimiser;
  readonly weightDecay: number;
  /** Largest norm over all gradients; 0 turns clipping off. */
  readonly maxGradientNorm: number;
}

/** What holds for the optimisers unless a run says otherwise: those of torch and of the paper. */
export const OPTIMISER_DEFAULTS: OptimiserConstants = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, momentum: 0.9 };

/** Appends clipping and the update of every trainable, which are inputs already, with the gradient's norm as an output. */
export function appendUpdate(
  builder: GraphBuilder,
  options: UpdateOptions & { gradients: ReadonlyMap<string, string> },
): { slots: readonly StateTensor[]; carry: Readonly<Record<string, string>> } {
  const { gradients, optimiser } = options;
  const norm = gradientNorm(builder, [...gradients.values()]);
  const update = optimiser.prepare(builder, {
    ...constants(options),
    learningRate: builder.input(STEP_INPUTS.learningRate, "float32", []),
    step: builder.input(STEP_INPUTS.step, "float32", []),
    ...(options.maxGradientNorm === 0 ? {} : { clip: clipFactor(builder, { norm, most: options.maxGradientNorm }) }),
  });
  const slots: StateTensor[] = [];
  const carry: Record<string, string> = {};
  const carried = (value: string, input: StateTensor): void => {
    carry[builder.output(value, { type: "float32", shape: input.shape })] = input.key;
  };
  for (const tensor of options.plan.trainables) {
    const state = Object.fromEntries(
      optimiser.slots.map((slot) => [slot, builder.input(`${tensor.key}.${slot}`, "float32", tensor.shape)]),
    );
    const next = update({
      parameter: tensor.key,
      gradient: gradients.get(tensor.key) ?? "",
      state,
      // Biases and normalisations, which have one axis, do not decay.
      weightDecay: tensor.shape.length > 1 ? options.weightDecay : 0,
      rate: tensor.rate ?? 1,
    });
    carried(next.parameter, tensor);
    for (const [slot, input] of Object.entries(state)) {
      const kept = { key: input, shape: tensor.shape };
      slots.push(kept);
      carried(next.state[slot] ?? "", kept);
    }
  }
  builder.output(norm, { name: STEP_OUTPUTS.gradientNorm, type: "float32", shape: [] });
  return { slots, carry };
}

/** The numbers of a run's optimiser. */
export function constants(options: Partial<OptimiserConstants>): OptimiserConstants {
  const { beta1, beta2, epsilon, momentum } = OPTIMISER_DEFAULTS;
  return {
    beta1: options.beta1 ?? beta1,
    beta2: options.beta2 ?? beta2,
    epsilon: options.epsilon ?? epsilon,
    momentum: options.momentum ?? momentum,
  };
}

/** Euclidean norm over all gradients together. */
export function gradientNorm(builder: GraphBuilder, gradients: readonly string[]): string {
  const squares = gradients.map((gradient) => builder.op("ReduceSumSquare", [gradient], { attributes: { keepdims: 0 } }));
  return builder.op("Sqrt", [builder.op("Sum", squares)]);
}

/** What gradients are multiplied with so that their norm is at most `most`, as torch.nn.utils.clip_grad_norm_ has it. */
function clipFactor(builder: GraphBuilder, { norm, most }: { norm: string; most: number }): string {
  return builder.op("Min", [builder.float(1), builder.op("Div", [builder.float(most), builder.op("Add", [norm, builder.float(1e-6)])])]);
}
