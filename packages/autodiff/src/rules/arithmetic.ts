import { broadcasting, type Rules, unary } from "../rule.ts";

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

/** Elementwise arithmetic. */
export const ARITHMETIC: Rules = {
  Add: broadcasting((_, { dy }) => [() => dy, () => dy]),
  Sub: broadcasting((g, { dy }) => [() => dy, () => g.neg(dy)]),
  Mul: broadcasting((g, { dy, a, b }) => [() => g.mul(dy, b), () => g.mul(dy, a)]),
  Div: broadcasting((g, { dy, b, y }) => [() => g.div(dy, b), () => g.neg(g.div(g.mul(dy, y), b))]),
  Sum: broadcasting((_, { dy, inputs }) => inputs.map(() => () => dy)),
  Pow: broadcasting((g, { dy, a, b, y }) => [
    () => {
      const exponent = g.known(b);
      if (exponent?.length === 1 && exponent[0] === 2) return g.mul(dy, g.scale(a, 2, a));
      const power = g.type(a) === g.type(b) ? b : g.cast(b, g.type(a));
      return g.mul(dy, g.mul(power, g.op("Pow", [a, g.sub(power, g.constant(1, a))])));
    },
    () => g.mul(dy, g.mul(y, g.op("Log", [a]))),
  ]),
  Neg: unary((g, { dy }) => g.neg(dy)),
  Abs: unary((g, { dy, x }) => g.mul(dy, g.op("Sign", [x]))),
  Sqrt: unary((g, { dy, x, y }) => g.div(g.scale(dy, 0.5, x), y)),
  Reciprocal: unary((g, { dy, y }) => g.neg(g.mul(dy, g.mul(y, y)))),
  Exp: unary((g, { dy, y }) => g.mul(dy, y)),
  Log: unary((g, { dy, x }) => g.div(dy, x)),
  Sin: unary((g, { dy, x }) => g.mul(dy, g.op("Cos", [x]))),
  Cos: unary((g, { dy, x }) => g.neg(g.mul(dy, g.op("Sin", [x])))),
  Erf: unary((g, { dy, x }) => g.mul(dy, g.scale(g.exp(g.neg(g.mul(x, x))), TWO_OVER_ROOT_PI, x))),
};
