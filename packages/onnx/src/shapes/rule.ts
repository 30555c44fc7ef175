import { intAttribute, intsAttribute } from "../attributes.ts";
import type { GraphProto, NodeProto } from "../proto/onnx_pb.ts";
import type { Dim } from "../types.ts";
import { UNKNOWN, type ValueType } from "./value-type.ts";

/** What a rule sees of a node. */
export interface RuleContext {
  readonly node: NodeProto;
  /** Version of the operator set that the node belongs to. */
  readonly opset: number;
  /** One entry per input; undefined for an optional input left out. */
  readonly inputs: readonly (ValueType | undefined)[];
  /** A new symbol for a size that only a run can tell. */
  fresh(): string;
  /** Outputs of a subgraph (`If`, `Loop`) that sees the values around it and is given these inputs. */
  body(graph: GraphProto, inputs: readonly ValueType[]): ValueType[];
}

/** Says what a node's outputs are, in their order. */
export type Rule = (context: RuleContext) => readonly ValueType[];

/** An input, or nothing known of it. */
export function input(context: RuleContext, index: number): ValueType {
  return context.inputs[index] ?? UNKNOWN;
}

/** Counts a negative axis from the end. Throws a RangeError for one outside; one right behind the last is allowed, as in `Flatten`. */
export function normaliseAxis(axis: number, rank: number): number {
  if (axis > rank || axis < -Math.max(rank, 1)) throw new RangeError(`axis ${axis} of ${rank} dimensions`);
  return axis < 0 ? axis + rank : axis;
}

/** The values of an input when all of them are numbers. */
export function numbers(value: ValueType | undefined): number[] | undefined {
  return value?.value?.every((entry) => typeof entry === "number") === true ? [...(value.value as readonly number[])] : undefined;
}

/** What older operator sets write as an attribute and newer ones as input `index`: "absent", or undefined when not known. */
export function intsFrom(context: RuleContext, name: string, index: number): number[] | "absent" | undefined {
  const ints = intsAttribute(context.node, name);
  if (ints !== undefined) return ints;
  return context.inputs[index] === undefined ? "absent" : numbers(context.inputs[index]);
}

/** No tensor has more dimensions than this; a shape that asks for more is broken. */
const RANK_LIMIT = 64;

/** The rank that a shape tensor asks for, when its length is known. */
export function rankAsked(shape: ValueType): number | undefined {
  const [length] = shape.shape ?? [];
  return typeof length === "number" && length <= RANK_LIMIT ? length : undefined;
}

/** A shape of new symbols. */
export function freshShape(context: RuleContext, rank: number): Dim[] {
  return Array.from({ length: rank }, () => context.fresh());
}

/** A shape with one dimension replaced. */
export function withDim(shape: readonly Dim[], axis: number, dim: Dim): Dim[] {
  return shape.map((entry, index) => (index === axis ? dim : entry));
}

/** The attribute `axis`, counted from the front. */
export function axisOf(context: RuleContext, options: { fallback: number; rank: number }): number {
  return normaliseAxis(intAttribute(context.node, "axis", options.fallback), options.rank);
}
