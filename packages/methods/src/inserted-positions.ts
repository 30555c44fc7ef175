import { GraftError } from "@graft/error";
import type { Head } from "@graft/format";
import { DataType, type GraphBuilder, inferShapes, opsetVersion, replaceUses, type ValueType } from "@graft/onnx";
import { hiddenState } from "./hidden-state.ts";
import { interpose } from "./interpose.ts";

/** How many positions are inserted before and after the tokens of a row. */
export interface Inserted {
  readonly prefix: number;
  readonly infix: number;
}

/** Where the inserted positions are in a graph whose rows have them. */
export interface InsertedGraph {
  /** bool [batch, length, 1]. */
  readonly isInserted: string;
  /** int64 [batch, length]: the number of the position among those of the prefix and then the infix; 0 elsewhere. */
  readonly number: string;
  /** Types of the base's values. */
  readonly types: ReadonlyMap<string, ValueType>;
}

/** Inputs that can be lengthened: a value per token. */
const INPUTS: ReadonlySet<string> = new Set(["input_ids", "attention_mask", "token_type_ids"]);
/** From here on `ReduceSum` takes its axes as an input, and `ArgMax` finds the last of equal values. */
const OPSET = 13;

/**
 * Lengthens every row by the prefix before its first real token and the infix after its last one, so that padding stays
 * outside, whichever side it is on. Everything that the base computes from ids, types and mask (positions included) is computed
 * from such rows; at the inserted positions stand copies of the token beside them, for a method to replace. Behind the last
 * hidden state they are taken out again: heads find every real token where the row has it. A head that reads the last token
 * finds the infix's last position there, since of a causal model no token sees the infix. ONNX_UNSUPPORTED.
 */
export function insertPositions(
  builder: GraphBuilder,
  inserted: Inserted,
  { pooling }: { readonly pooling: Head["pooling"] | undefined },
): InsertedGraph {
  const { graph } = builder;
  checkModel(builder);
  const hidden = copiedFrom(builder, hiddenState(builder.model));
  const types = inferShapes(builder.model);
  const lengthened = graph.input.flatMap(({ name }) => (INPUTS.has(name) ? [{ name, longer: builder.unique(`${name}_inserted`) }] : []));
  for (const { name, longer } of lengthened) replaceUses(graph, name, longer);
  const places = placesOf(builder, { ...inserted, lastIsInfix: pooling === "last" });
  for (const { name, longer } of lengthened)
    builder.op("GatherElements", [name, places.source], { attributes: { axis: 1 }, outputs: [longer], name: scoped(`${name}`) });
  interpose(builder, hidden, (was) => {
    const op = operators(builder);
    const width = op("Slice", [op("Shape", [was]), builder.int([2]), builder.int([3])]);
    const rows = op("Reshape", [was, op("Concat", [builder.int([-1]), width], { axis: 0 })]);
    return op("Gather", [rows, places.back], { axis: 0 });
  });
  return { isInserted: places.isInserted, number: places.number, types };
}

/** Puts trained rows [prefix + infix, width] at the inserted positions of a value [batch, length, width]. */
export function replaceInserted(builder: GraphBuilder, value: string, { graph, rows }: { graph: InsertedGraph; rows: string }): void {
  const type = graph.types.get(value)?.type ?? DataType.float32;
  interpose(builder, value, (was) => {
    const op = operators(builder);
    const trained = type === DataType.float32 ? rows : op("Cast", [rows], { to: type });
    return op("Where", [graph.isInserted, op("Gather", [trained, graph.number], { axis: 0 }), was]);
  });
}

type Attributes = Readonly<Record<string, number>>;

function operators(builder: GraphBuilder): (opType: string, inputs: readonly string[], attributes?: Attributes) => string {
  return (opType, inputs, attributes = {}) => builder.op(opType, inputs, { attributes, name: scoped(opType) });
}

function scoped(name: string): string {
  return `/inserted_positions/${name}`;
}

function checkModel({ model, graph }: GraphBuilder): void {
  const initializers = new Set(graph.initializer.map(({ name }) => name));
  const names = graph.input.map(({ name }) => name).filter((name) => !initializers.has(name));
  const strange = names.filter((name) => !INPUTS.has(name));
  if (!names.includes("input_ids") || strange.length > 0)
    throw unsupported(
      `it takes ${(strange.length > 0 ? strange : names).map((name) => `"${name}"`).join(", ")}, want ${[...INPUTS].map((name) => `"${name}"`).join(", ")}`,
      "Take a text model without a cache, or the method lora or bottleneck",
    );
  if (opsetVersion(model) < OPSET)
    throw unsupported(`its operator set is ${opsetVersion(model)}, want at least ${OPSET}`, "Take the checkpoint folder, or export again");
}

/** What an output is a mere copy of: language heads read that. */
function copiedFrom({ graph }: GraphBuilder, value: string): string {
  const node = graph.node.find(({ output }) => output.includes(value));
  return node?.opType === "Identity" ? (node.input[0] ?? value) : value;
}

/** Where the positions are: `source` says of each which token it takes, `back` of each token where it is in the flattened rows. */
interface Places extends Omit<InsertedGraph, "types"> {
  /** int64 [batch, length] */
  readonly source: string;
  /** int64 [batch, sequence] */
  readonly back: string;
}

/**
 * Over rows of `length` = tokens + prefix + infix, with `begin` and `end` the first real token and the one after the last:
 * position p < begin is padding, then come the prefix, the tokens from `begin` on, the infix from `end` + prefix on, padding.
 */
function placesOf(builder: GraphBuilder, { prefix, infix, lastIsInfix }: Inserted & { readonly lastIsInfix: boolean }): Places {
  const op = operators(builder);
  const int = (value: number): string => builder.int(value);
  const add = (a: string, b: string): string => op("Add", [a, b]);
  const sub = (a: string, b: string): string => op("Sub", [a, b]);
  const less = (a: string, b: string): string => op("Less", [a, b]);
  const where = (condition: string, a: string, b: string): string => op("Where", [condition, a, b]);
  /** 0, 1, … below a size. */
  const count = (size: string): string => op("Range", [int(0), size, int(1)]);
  const shape = op("Shape", ["input_ids"]);
  const size = (axis: number): string => op("Gather", [shape, int(axis)], { axis: 0 });
  const length = add(size(1), int(prefix + infix));
  const { begin, end } = realRange(builder);
  const position = op("Unsqueeze", [count(length), builder.int([0])]);

  const tokens = add(begin, int(prefix));
  const after = add(end, int(prefix));
  const rest = add(after, int(infix));
  const before = { begin: less(position, begin), tokens: less(position, tokens), after: less(position, after), rest: less(position, rest) };
  const source = where(
    before.begin,
    position,
    where(
      before.tokens,
      begin,
      where(before.after, sub(position, int(prefix)), where(before.rest, sub(end, int(1)), sub(position, int(prefix + infix)))),
    ),
  );
  const isPrefix = op("And", [before.tokens, op("Not", [before.begin])]);
  const isInfix = op("And", [before.rest, op("Not", [before.after])]);
  const number = where(isPrefix, sub(position, begin), where(isInfix, add(sub(position, after), int(prefix)), int(0)));

  const token = op("Unsqueeze", [count(size(1)), builder.int([0])]);
  const kept = lastIsInfix ? sub(end, int(1)) : end;
  const moved = where(less(token, begin), token, where(less(token, kept), add(token, int(prefix)), add(token, int(prefix + infix))));
  const row = op("Mul", [op("Unsqueeze", [count(size(0)), builder.int([1])]), length]);
  return {
    source,
    number,
    isInserted: op("Unsqueeze", [op("Or", [isPrefix, isInfix]), builder.int([2])]),
    back: add(moved, row),
  };
}

/** The first real token of each row and the place after its last, int64 [batch, 1]; a row without a mask, or all masked, is whole. */
function realRange(builder: GraphBuilder): { begin: string; end: string } {
  const op = operators(builder);
  const masked = builder.graph.input.some(({ name }) => name === "attention_mask");
  // Of int64 the runtime finds no greatest value.
  const mask = op("Cast", [masked ? "attention_mask" : op("Equal", ["input_ids", "input_ids"])], { to: DataType.int32 });
  const arg = (last: number): string => op("ArgMax", [mask], { axis: 1, keepdims: 1, select_last_index: last });
  return { begin: arg(0), end: op("Add", [arg(1), builder.int(1)]) };
}

function unsupported(why: string, hint: string): GraftError {
  return new GraftError("ONNX_UNSUPPORTED", `Cannot insert positions into the model: ${why}`, { hint });
}
