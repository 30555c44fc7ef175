import type { GraphProto } from "../proto/onnx_pb.ts";
import { DataType } from "../types.ts";
import { input, type Rule, type RuleContext } from "./rule.ts";
import { UNKNOWN, type ValueType } from "./value-type.ts";

function bodyOf(context: RuleContext, name: string): GraphProto | undefined {
  return context.node.attribute.find((entry) => entry.name === name)?.g;
}

/** What holds of two values alike: dimensions that differ get a symbol of their own. */
function common(context: RuleContext, a: ValueType, b: ValueType): ValueType {
  const type = a.type === b.type ? a.type : 0;
  if (a.shape === undefined || b.shape?.length !== a.shape.length) return { type, shape: undefined };
  return { type, shape: a.shape.map((dim, axis) => (dim === b.shape?.[axis] ? dim : context.fresh())) };
}

/** A branch whose condition is known counts alone. */
const branches: Rule = (context) => {
  const [then, otherwise] = [bodyOf(context, "then_branch"), bodyOf(context, "else_branch")];
  if (then === undefined || otherwise === undefined) return [];
  const condition = input(context, 0).value?.[0];
  if (typeof condition === "number") return context.body(condition === 0 ? otherwise : then, []);
  const second = context.body(otherwise, []);
  return context.body(then, []).map((output, index) => common(context, output, second[index] ?? UNKNOWN));
};

/** What a body keeps from one round to the next: dimensions that a round changes are not known. */
function carried(
  context: RuleContext,
  body: GraphProto,
  options: { start: readonly ValueType[]; before: readonly ValueType[]; after: readonly ValueType[]; skip: number },
): { state: ValueType[]; outputs: ValueType[] } {
  let state = options.start.map(({ type, shape }): ValueType => ({ type, shape }));
  const round = (): ValueType[] => context.body(body, [...options.before, ...state, ...options.after]).slice(options.skip);
  // The second round widens what the first one changed; what still moves then is left open.
  for (let count = 0; count < 2; count++) {
    const outputs = round();
    state = state.map((value, index) => common(context, value, outputs[index] ?? UNKNOWN));
  }
  const outputs = round();
  return { state, outputs };
}

const loop: Rule = (context) => {
  const body = bodyOf(context, "body");
  if (body === undefined) return [];
  const start = context.node.input.slice(2).map((_, index) => input(context, index + 2));
  const before = [
    { type: DataType.int64, shape: [] },
    { type: DataType.bool, shape: [] },
  ];
  const { state, outputs } = carried(context, body, { start, before, after: [], skip: 1 });
  const rounds = context.fresh();
  return [
    ...state,
    ...outputs.slice(state.length).map(({ type, shape }) => ({ type, shape: shape === undefined ? undefined : [rounds, ...shape] })),
  ];
};

/** Subgraphs: branches and loops. */
export const CONTROL: Readonly<Record<string, Rule>> = {
  If: branches,
  Loop: loop,
};
