import { create } from "@bufbuild/protobuf";
import { AttributeProtoSchema, type AttributeProto, type GraphProto, type NodeProto, type TensorProto } from "./proto/onnx_pb.ts";
import { AttributeType } from "./types.ts";

/** A float attribute, told apart from an int by this wrapper: JavaScript has one kind of number. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** An attribute in plain values: a number or bigint is an int, `Float` a float. */
export type AttributeValue =
  | number
  | bigint
  | Float
  | string
  | TensorProto
  | GraphProto
  | readonly (number | bigint)[]
  | readonly Float[]
  | readonly string[];

const UTF8 = new TextEncoder();
const TEXT = new TextDecoder();

/** Makes an attribute of a node. */
export function attribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === "number" || typeof value === "bigint")
    return create(AttributeProtoSchema, { name, type: AttributeType.int, i: BigInt(value) });
  if (value instanceof Float) return create(AttributeProtoSchema, { name, type: AttributeType.float, f: value.value });
  if (typeof value === "string") return create(AttributeProtoSchema, { name, type: AttributeType.string, s: UTF8.encode(value) });
  if ("$typeName" in value && value.$typeName === "onnx.GraphProto")
    return create(AttributeProtoSchema, { name, type: AttributeType.graph, g: value });
  if ("$typeName" in value) return create(AttributeProtoSchema, { name, type: AttributeType.tensor, t: value });
  if (value.some((entry) => entry instanceof Float)) {
    return create(AttributeProtoSchema, {
      name,
      type: AttributeType.floats,
      floats: (value as readonly Float[]).map((entry) => entry.value),
    });
  }
  if (value.some((entry) => typeof entry === "string")) {
    return create(AttributeProtoSchema, {
      name,
      type: AttributeType.strings,
      strings: (value as readonly string[]).map((entry) => UTF8.encode(entry)),
    });
  }
  return create(AttributeProtoSchema, { name, type: AttributeType.ints, ints: (value as readonly (number | bigint)[]).map(BigInt) });
}

function find(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((entry) => entry.name === name);
}

/** An int attribute, or `fallback` when the node has none. */
export function intAttribute<T extends number | undefined>(node: NodeProto, name: string, fallback: T): number | T {
  const found = find(node, name);
  return found === undefined ? fallback : Number(found.i);
}

/** A list of ints, or undefined. */
export function intsAttribute(node: NodeProto, name: string): number[] | undefined {
  return find(node, name)?.ints.map(Number);
}

/** A float attribute, or `fallback`. */
export function floatAttribute(node: NodeProto, name: string, fallback: number): number {
  return find(node, name)?.f ?? fallback;
}

/** A string attribute, or `fallback`. */
export function stringAttribute<T extends string | undefined>(node: NodeProto, name: string, fallback: T): string | T {
  const found = find(node, name);
  return found === undefined ? fallback : TEXT.decode(found.s);
}

/** A tensor attribute, or undefined. */
export function tensorAttribute(node: NodeProto, name: string): TensorProto | undefined {
  return find(node, name)?.t;
}

/** The subgraphs of a node (`If`, `Loop`, `Scan`). */
export function subgraphs(node: NodeProto): GraphProto[] {
  return node.attribute.flatMap((entry) => (entry.g === undefined ? entry.graphs : [entry.g, ...entry.graphs]));
}
