import type { Rules } from "../rule.ts";

/** Operators through which no gradient passes: shapes, comparisons, and steps, whose slope is zero wherever it exists. */
export const NOT_DIFFERENTIABLE: Rules = {
  Shape: null,
  Size: null,
  ConstantOfShape: null,
  Range: null,
  EyeLike: null,
  NonZero: null,
  ArgMax: null,
  ArgMin: null,
  IsNaN: null,
  IsInf: null,
  Equal: null,
  Less: null,
  LessOrEqual: null,
  Greater: null,
  GreaterOrEqual: null,
  Not: null,
  And: null,
  Or: null,
  Xor: null,
  Sign: null,
  Floor: null,
  Ceil: null,
  Round: null,
};
