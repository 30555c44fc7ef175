import { intAttribute } from "../attributes.ts";
import { DataType, type Dim } from "../types.ts";
import { broadcastShapes } from "./broadcast.ts";
import { addDims, boundsOfDim, floorDivideDims, minimumOfDims, multiplyDims, subtractDims } from "./dim.ts";
import { input, type Rule } from "./rule.ts";
import { smallSize, type ValueType } from "./value-type.ts";

/** One element of a result from one element of each operand; undefined when it cannot be told. */
type Compute = (operands: readonly Dim[], integers: boolean) => Dim | undefined;

const FLOATS = new Set<number>([DataType.float32, DataType.float64]);
const INTEGERS = new Set<number>([
  DataType.int32,
  DataType.int64,
  DataType.uint8,
  DataType.int8,
  DataType.bool,
  DataType.uint32,
  DataType.uint64,
  DataType.int16,
  DataType.uint16,
]);

/** Keeps the shape and type of the first input. */
export const sameAsInput: Rule = (context) => [{ type: input(context, 0).type, shape: input(context, 0).shape }];

/** Operands broadcast together; `type` is given, or that of operand `typeFrom`. */
function broadcasting(compute?: Compute, options: { type?: number; typeFrom?: number } = {}): Rule {
  return (context) => {
    const operands = context.node.input.map((_, index) => input(context, index));
    const given = options.typeFrom === undefined ? operands : operands.slice(options.typeFrom);
    const type = options.type ?? given.find((operand) => operand.type !== 0)?.type ?? 0;
    const shape = broadcastShapes(...operands.map((operand) => operand.shape));
    return [{ type, shape, value: compute === undefined ? undefined : computeValue(compute, { operands, shape, type }) }];
  };
}

function computeValue(
  compute: Compute,
  result: { operands: readonly ValueType[]; shape: readonly Dim[] | undefined; type: number },
): Dim[] | undefined {
  const size = smallSize(result.shape);
  if (size === undefined || result.shape === undefined || result.operands.some((operand) => operand.value === undefined)) return undefined;
  if (!FLOATS.has(result.type) && !INTEGERS.has(result.type)) return undefined;
  const integers = result.operands.every((operand) => INTEGERS.has(operand.type));
  const pick = result.operands.map((operand) => broadcastIndex(operand.shape as readonly number[], result.shape as readonly number[]));
  const value: Dim[] = [];
  for (let index = 0; index < size; index++) {
    const entries = result.operands.map((operand, which) => operand.value?.[(pick[which] as (index: number) => number)(index)] as Dim);
    // Symbols stand for integers: they do not mix with fractions.
    if (
      !integers &&
      entries.some((entry) => typeof entry === "string") &&
      entries.some((entry) => typeof entry === "number" && !Number.isInteger(entry))
    )
      return undefined;
    const entry = compute(entries, integers);
    if (entry === undefined || (typeof entry === "number" && !Number.isFinite(entry))) return undefined;
    value.push(typeof entry === "string" ? entry : rounded(entry, result.type));
  }
  return value;
}

/** A number as its element type holds it; integers have no negative zero. */
function rounded(value: number, type: number): number {
  return type === DataType.float32 ? Math.fround(value) : value === 0 ? 0 : value;
}

/** From a position in the broadcast result to the position in one operand. */
function broadcastIndex(from: readonly number[], to: readonly number[]): (index: number) => number {
  const offset = to.length - from.length;
  return (index) => {
    let [rest, position, stride] = [index, 0, 1];
    for (let axis = to.length - 1; axis >= offset; axis--) {
      const size = from[axis - offset] as number;
      if (size !== 1) position += (rest % (to[axis] as number)) * stride;
      rest = Math.floor(rest / (to[axis] as number));
      stride *= size;
    }
    return position;
  };
}

/** Numbers only. */
function onNumbers(compute: (...operands: number[]) => number): Compute {
  return (operands) => (operands.every((operand) => typeof operand === "number") ? compute(...(operands as number[])) : undefined);
}

const pair =
  (compute: (a: Dim, b: Dim, integers: boolean) => Dim | undefined): Compute =>
  (operands, integers) =>
    compute(operands[0] as Dim, operands[1] as Dim, integers);
const fold =
  (compute: (a: Dim, b: Dim) => Dim): Compute =>
  (operands) =>
    operands.reduce(compute);

const divide = pair((a, b, integers) => {
  if (!integers) return typeof a === "number" && typeof b === "number" ? a / b : undefined;
  if (typeof a === "number" && typeof b === "number") return b === 0 ? undefined : Math.trunc(a / b);
  return boundsOfDim(a).low >= 0 && boundsOfDim(b).low >= 0 ? floorDivideDims(a, b) : undefined;
});

const equal = pair((a, b) => {
  const { low, high } = boundsOfDim(subtractDims(a, b));
  return low === 0 && high === 0 ? 1 : low > 0 || high < 0 ? 0 : undefined;
});
/** Whether a < b, or a ≤ b. */
const less = (a: Dim, b: Dim, orEqual: boolean): Dim | undefined => {
  const { low, high } = boundsOfDim(subtractDims(a, b));
  if (orEqual) return high <= 0 ? 1 : low > 0 ? 0 : undefined;
  return high < 0 ? 1 : low >= 0 ? 0 : undefined;
};

const maximum = (a: Dim, b: Dim): Dim => {
  const smaller = minimumOfDims(a, b);
  return smaller === a ? b : smaller === b ? a : `max(${[a, b].map(String).sort().join(",")})`;
};

/** ⌊⌋ and ties to even, as ONNX rounds. */
const roundHalfEven = (a: number): number => (Math.abs(a % 1) === 0.5 ? 2 * Math.round(a / 2) : Math.round(a));
const modulo = (floating: boolean): Compute => onNumbers((a, b) => (floating || b === 0 ? a % b : a - b * Math.floor(a / b)));
const bool = { type: DataType.bool };

const cast: Rule = (context) => {
  const source = input(context, 0);
  const like = context.inputs[1];
  const type = like === undefined ? intAttribute(context.node, "to", 0) : like.type;
  return [{ type, shape: source.shape, value: castValue(source, type) }];
};

function castValue(source: ValueType, type: number): readonly Dim[] | undefined {
  if (source.value === undefined || (!FLOATS.has(type) && type !== DataType.int64 && type !== DataType.int32 && type !== DataType.bool))
    return undefined;
  if (type === DataType.bool)
    return source.value.every((entry) => typeof entry === "number") ? source.value.map((entry) => (entry === 0 ? 0 : 1)) : undefined;
  if (FLOATS.has(type))
    return source.value.map((entry) => (typeof entry === "number" && type === DataType.float32 ? Math.fround(entry) : entry));
  return source.value.map((entry) => (typeof entry === "number" ? Math.trunc(entry) : entry));
}

/** The exponent may have a type of its own. */
const pow: Rule = (context) => broadcasting(onNumbers(Math.pow))(context).map((output) => ({ ...output, type: input(context, 0).type }));

/** Operators that work on each element. */
export const ELEMENTWISE: Readonly<Record<string, Rule>> = {
  Add: broadcasting(pair(addDims)),
  Sub: broadcasting(pair(subtractDims)),
  Mul: broadcasting(pair(multiplyDims)),
  Div: broadcasting(divide),
  Pow: pow,
  Mod: (context) => broadcasting(modulo(intAttribute(context.node, "fmod", 0) === 1))(context),
  Min: broadcasting(fold(minimumOfDims)),
  Max: broadcasting(fold(maximum)),
  Sum: broadcasting(fold(addDims)),
  Mean: broadcasting(),
  PRelu: broadcasting(),
  Equal: broadcasting(equal, bool),
  Less: broadcasting(
    pair((a, b) => less(a, b, false)),
    bool,
  ),
  LessOrEqual: broadcasting(
    pair((a, b) => less(a, b, true)),
    bool,
  ),
  Greater: broadcasting(
    pair((a, b) => less(b, a, false)),
    bool,
  ),
  GreaterOrEqual: broadcasting(
    pair((a, b) => less(b, a, true)),
    bool,
  ),
  And: broadcasting(
    onNumbers((a, b) => a & b),
    bool,
  ),
  Or: broadcasting(
    onNumbers((a, b) => a | b),
    bool,
  ),
  Xor: broadcasting(
    onNumbers((a, b) => a ^ b),
    bool,
  ),
  Not: broadcasting(
    onNumbers((a) => 1 - a),
    bool,
  ),
  IsNaN: broadcasting(undefined, bool),
  IsInf: broadcasting(undefined, bool),
  Where: broadcasting(
    (operands) =>
      typeof operands[0] === "number" ? operands[operands[0] === 0 ? 2 : 1] : operands[1] === operands[2] ? operands[1] : undefined,
    { typeFrom: 1 },
  ),
  Neg: broadcasting((operands) => subtractDims(0, operands[0] as Dim)),
  Abs: broadcasting((operands) =>
    boundsOfDim(operands[0] as Dim).low >= 0 ? operands[0] : typeof operands[0] === "number" ? Math.abs(operands[0]) : undefined,
  ),
  Sqrt: broadcasting(onNumbers(Math.sqrt)),
  Floor: broadcasting(onNumbers(Math.floor)),
  Ceil: broadcasting(onNumbers(Math.ceil)),
  Round: broadcasting(onNumbers(roundHalfEven)),
  Sign: broadcasting(onNumbers(Math.sign)),
  Reciprocal: broadcasting(onNumbers((a) => 1 / a)),
  Cast: cast,
  CastLike: cast,
  Clip: sameAsInput,
  "com.microsoft.BiasGelu": broadcasting(),
  "com.microsoft.FastGelu": sameAsInput,
  "com.microsoft.Gelu": sameAsInput,
  "com.microsoft.QuickGelu": sameAsInput,
  ...Object.fromEntries(
    [
      "Erf",
      "Gelu",
      "Tanh",
      "Relu",
      "LeakyRelu",
      "Elu",
      "Selu",
      "Celu",
      "Sigmoid",
      "HardSigmoid",
      "HardSwish",
      "Mish",
      "Softplus",
      "Softsign",
      "Exp",
      "Log",
      "Sin",
      "Cos",
      "Tan",
      "Asin",
      "Acos",
      "Atan",
      "Sinh",
      "Cosh",
      "Softmax",
      "LogSoftmax",
      "Hardmax",
      "Trilu",
      "CumSum",
    ].map((name) => [name, sameAsInput]),
  ),
};
