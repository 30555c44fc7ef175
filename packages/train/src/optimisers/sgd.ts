import { type Optimiser, shared } from "./optimiser.ts";

/** Stochastic gradient descent with momentum, as torch.optim.SGD has it, and decoupled weight decay. */
export const sgd: Optimiser = {
  slots: ["momentum"],
  prepare(builder, { learningRate, clip, momentum: kept }) {
    const op = (type: string, ...inputs: string[]): string => builder.op(type, inputs);
    const rateOf = shared((rate = 1) => (rate === 1 ? learningRate : op("Mul", learningRate, builder.float(rate))));
    const keptOf = shared((rate = 1, weightDecay = 0) => op("Sub", builder.float(1), op("Mul", rateOf(rate), builder.float(weightDecay))));
    return ({ parameter, gradient, state, weightDecay, rate }) => {
      const clipped = clip === undefined ? gradient : op("Mul", gradient, clip);
      const momentum = op("Add", op("Mul", state["momentum"] ?? "", builder.float(kept)), clipped);
      const decayed = weightDecay === 0 ? parameter : op("Mul", parameter, keptOf(rate, weightDecay));
      return { parameter: op("Sub", decayed, op("Mul", momentum, rateOf(rate))), state: { momentum } };
    };
  },
};
