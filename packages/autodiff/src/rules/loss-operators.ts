import { intAttribute, stringAttribute } from "@graft/onnx";
import { once, type Rule, type Rules } from "../rule.ts";

/**
 * (softmax − one-hot)·weight·dloss, written without the one-hot: the column of the label is read, lowered by one and put back.
 * Classes are axis 1. Ignored rows have weight 0; a mean divides by the sum of the weights.
 */
const softmaxCrossEntropyLoss: Rule = (g, { node, x, inputs, gradient }) => {
  const [, labels = "", classWeights = ""] = inputs;
  const ignored = intAttribute(node, "ignore_index", undefined);
  const reduction = stringAttribute(node, "reduction", "mean");
  const [dloss, dlogProbability] = [gradient(0), gradient(1)];
  const logits = (): string => {
    const probability = once(() => g.exp(g.forwardOutput(1)));
    const terms: string[] = [];
    if (dloss !== undefined) {
      const type = g.type(labels);
      const skipped = ignored === undefined ? undefined : g.equal(labels, g.cast(g.int(ignored), type));
      const safe = skipped === undefined ? labels : g.where(skipped, g.cast(g.int(0), type), labels);
      const ones = (): string => g.zeros(g.shapeOf(labels), x);
      const counted = classWeights === "" ? g.add(ones(), g.constant(1, x)) : g.op("Gather", [classWeights, safe]);
      const weights = skipped === undefined ? counted : g.where(skipped, g.constant(0, x), counted);
      const all = Array.from({ length: g.rank(labels) }, (_, axis) => axis);
      // Without a row that counts the gradient is zero, not NaN.
      const total = reduction === "mean" ? g.reduceSum(weights, all, { keepdims: false }) : undefined;
      const divisor = total === undefined ? undefined : g.where(g.equal(total, g.constant(0, x)), g.constant(1, x), total);
      const share = g.mul(weights, divisor === undefined ? dloss : g.div(dloss, divisor));
      const column = g.unsqueeze(share, [1]);
      const label = g.unsqueeze(safe, [1]);
      const lowered = g.mul(g.sub(g.op("GatherElements", [probability(), label], { axis: 1 }), g.constant(1, x)), column);
      terms.push(g.op("ScatterElements", [g.mul(probability(), column), label, lowered], { axis: 1 }));
    }
    if (dlogProbability !== undefined) {
      terms.push(g.sub(dlogProbability, g.mul(probability(), g.reduceSum(dlogProbability, [1], { keepdims: true }))));
    }
    return terms.reduce(g.add);
  };
  return [logits];
};

/** Losses that are operators of ONNX. */
export const LOSS_OPERATORS: Rules = { SoftmaxCrossEntropyLoss: softmaxCrossEntropyLoss };
