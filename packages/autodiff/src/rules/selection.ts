import { broadcasting, type Rule, type Rules } from "../rule.ts";

/** The gradient goes to the inputs that equal the output, in equal shares where several do. */
const extremum: Rule = broadcasting((g, { dy, inputs, y }) => {
  const chosen = inputs.map((input) => g.mask(g.equal(input, y), y));
  const share = chosen.length === 1 ? dy : g.div(dy, chosen.reduce(g.add));
  return chosen.map((mask) => () => g.mul(share, mask));
});

/** Operators that pass on one of several values. */
export const SELECTION: Rules = {
  Max: extremum,
  Min: extremum,
  Clip: (g, { dy, x, y }) => [() => g.mul(dy, g.mask(g.equal(x, y), x))],
  Where: broadcasting((g, { dy, inputs, y }) => [
    null,
    () => g.where(inputs[0] ?? "", dy, g.constant(0, y)),
    () => g.where(inputs[0] ?? "", g.constant(0, y), dy),
  ]),
};
