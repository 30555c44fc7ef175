import type { Optimiser } from "./optimiser.ts";

const MOMENTUM = 0.9;

/** Stochastic gradient descent with momentum and decoupled weight decay. */
export const sgd: Optimiser = {
  slots: ["momentum"],
  prepare(builder, { learningRate, clip }) {
    const op = (type: string, ...inputs: string[]): string => builder.op(type, inputs);
    return ({ parameter, gradient, state, weightDecay }) => {
      const clipped = clip === undefined ? gradient : op("Mul", gradient, clip);
      const momentum = op("Add", op("Mul", state["momentum"] ?? "", builder.float(MOMENTUM)), clipped);
      const change = op("Mul", momentum, learningRate);
      const decayed =
        weightDecay === 0
          ? parameter
          : op("Mul", parameter, op("Sub", builder.float(1), op("Mul", learningRate, builder.float(weightDecay))));
      return { parameter: op("Sub", decayed, change), state: { momentum } };
    };
  },
};
