import { type Optimiser, shared } from "./optimiser.ts";

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019), as torch.optim.AdamW computes it:
 * p ← p·(1 − lr·λ) − lr/(1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε).
 * What is scalar is folded together first: wide tensors are read as few times as possible.
 */
export const adamw: Optimiser = {
  slots: ["m", "v"],
  prepare(builder, { learningRate, step, clip, beta1, beta2, epsilon: least }) {
    const op = (type: string, ...inputs: string[]): string => builder.op(type, inputs);
    const one = builder.float(1);
    const correction1 = op("Sub", one, op("Pow", builder.float(beta1), step));
    const correction2 = op("Sqrt", op("Sub", one, op("Pow", builder.float(beta2), step)));
    const epsilon = op("Mul", builder.float(least), correction2);
    const share1 = clip === undefined ? builder.float(1 - beta1) : op("Mul", clip, builder.float(1 - beta1));
    const share2 = clip === undefined ? builder.float(1 - beta2) : op("Mul", op("Mul", clip, clip), builder.float(1 - beta2));
    const rateOf = shared((rate = 1) => (rate === 1 ? learningRate : op("Mul", learningRate, builder.float(rate))));
    // m / (√v / c₂ + ε) · lr / c₁ = m / (√v + ε·c₂) · lr·c₂ / c₁
    const sizeOf = shared((rate = 1) => op("Div", op("Mul", rateOf(rate), correction2), correction1));
    const keptOf = shared((rate = 1, weightDecay = 0) => op("Sub", one, op("Mul", rateOf(rate), builder.float(weightDecay))));
    return ({ parameter, gradient, state, weightDecay, rate }) => {
      const m = op("Add", op("Mul", state["m"] ?? "", builder.float(beta1)), op("Mul", gradient, share1));
      const v = op("Add", op("Mul", state["v"] ?? "", builder.float(beta2)), op("Mul", op("Mul", gradient, gradient), share2));
      const change = op("Div", op("Mul", m, sizeOf(rate)), op("Add", op("Sqrt", v), epsilon));
      const decayed = weightDecay === 0 ? parameter : op("Mul", parameter, keptOf(rate, weightDecay));
      return { parameter: op("Sub", decayed, change), state: { m, v } };
    };
  },
};
