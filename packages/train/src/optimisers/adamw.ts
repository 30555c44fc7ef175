import type { Optimiser } from "./optimiser.ts";

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019), as torch.optim.AdamW computes it:
 * p ← p·(1 − lr·λ) − lr/(1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε).
 * What is scalar is folded together first: wide tensors are read as few times as possible.
 */
export const adamw: Optimiser = {
  slots: ["m", "v"],
  prepare(builder, { learningRate, step, clip }) {
    const op = (type: string, ...inputs: string[]): string => builder.op(type, inputs);
    const one = builder.float(1);
    const correction1 = op("Sub", one, op("Pow", builder.float(BETA1), step));
    const correction2 = op("Sqrt", op("Sub", one, op("Pow", builder.float(BETA2), step)));
    // m / (√v / c₂ + ε) · lr / c₁ = m / (√v + ε·c₂) · lr·c₂ / c₁
    const size = op("Div", op("Mul", learningRate, correction2), correction1);
    const epsilon = op("Mul", builder.float(EPSILON), correction2);
    const share1 = clip === undefined ? builder.float(1 - BETA1) : op("Mul", clip, builder.float(1 - BETA1));
    const share2 = clip === undefined ? builder.float(1 - BETA2) : op("Mul", op("Mul", clip, clip), builder.float(1 - BETA2));
    const kept = new Map<number, string>();
    const keep = (weightDecay: number): string => {
      const known = kept.get(weightDecay) ?? op("Sub", one, op("Mul", learningRate, builder.float(weightDecay)));
      kept.set(weightDecay, known);
      return known;
    };
    return ({ parameter, gradient, state, weightDecay }) => {
      const m = op("Add", op("Mul", state["m"] ?? "", builder.float(BETA1)), op("Mul", gradient, share1));
      const v = op("Add", op("Mul", state["v"] ?? "", builder.float(BETA2)), op("Mul", op("Mul", gradient, gradient), share2));
      const change = op("Div", op("Mul", m, size), op("Add", op("Sqrt", v), epsilon));
      const decayed = weightDecay === 0 ? parameter : op("Mul", parameter, keep(weightDecay));
      return { parameter: op("Sub", decayed, change), state: { m, v } };
    };
  },
};
