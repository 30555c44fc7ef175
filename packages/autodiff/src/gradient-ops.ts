import {
  type AttributeValue,
  DataType,
  type Dim,
  Float,
  type GraphBuilder,
  intsAttribute,
  type NodeProto,
  type ValueType,
} from "@graft/onnx";
import { sumTo } from "./broadcast.ts";
import { withoutGradient } from "./errors.ts";

type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

/** What a rule may ask about the graph. */
export interface GraphFacts {
  readonly types: ReadonlyMap<string, ValueType>;
  readonly producers: ReadonlyMap<string, NodeProto>;
  readonly readers: ReadonlyMap<string, readonly NodeProto[]>;
  /** The gradient of a value, all of whose readers have been passed. */
  readonly gradientOf: (value: string) => string | undefined;
}

/** The operators that rules are written in, in the forms that the model's operator set has. `node` is the one being differentiated. */
export class GradientOps {
  readonly opset: number;
  readonly #builder: GraphBuilder;
  readonly #types: Map<string, ValueType>;
  readonly #facts: GraphFacts;
  /** What each reshaped value was before. */
  readonly #reshaped = new Map<string, string>();
  node: NodeProto;

  constructor(builder: GraphBuilder, { node, ...facts }: GraphFacts & { node: NodeProto }) {
    this.#builder = builder;
    this.#types = new Map(facts.types);
    this.#facts = facts;
    this.node = node;
    this.opset = Number(builder.model.opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version ?? 18);
  }

  /** Dimensions, or undefined when the rank is unknown. */
  shape(value: string): readonly Dim[] | undefined {
    return this.#types.get(value)?.shape;
  }

  /** Dimensions; throws OPERATOR_WITHOUT_GRADIENT when the rank is unknown. */
  knownShape(value: string): readonly Dim[] {
    const shape = this.shape(value);
    if (shape === undefined) throw withoutGradient(this.node, `needs the rank of "${value}", which is unknown`);
    return shape;
  }

  rank(value: string): number {
    return this.knownShape(value).length;
  }

  /** Element type; float32 when nothing is known. */
  type(value: string): number {
    return this.#types.get(value)?.type || DataType.float32;
  }

  /** The elements of a small constant, or undefined. */
  known(value: string | undefined): readonly number[] | undefined {
    const known = this.#types.get(value ?? "")?.value;
    return known?.every((entry) => typeof entry === "number") === true ? (known as readonly number[]) : undefined;
  }

  /** Records the shape of a value that a rule made. */
  declare(value: string, like: ValueType): string {
    this.#types.set(value, like);
    return value;
  }

  /** The node of the model that gives a value. */
  producer(value: string): NodeProto | undefined {
    return this.#facts.producers.get(value);
  }

  /** The one node that reads a value; undefined when there are more. */
  onlyReader(value: string): NodeProto | undefined {
    const readers = this.#facts.readers.get(value) ?? [];
    return readers.length === 1 ? readers[0] : undefined;
  }

  /** The gradient of a value that comes after the node being differentiated. */
  gradientOf(value: string): string | undefined {
    return this.#facts.gradientOf(value);
  }

  /** Name of an optional output of the node being differentiated, which is added where the model leaves it out. */
  forwardOutput(index: number): string {
    while (this.node.output.length <= index) this.node.output.push("");
    return (this.node.output[index] ||= this.#builder.unique(`${this.node.name || this.node.opType}_output${index}`));
  }

  op(opType: string, inputs: readonly string[], attributes: Attributes = {}, domain = ""): string {
    return this.#builder.op(opType, inputs, { attributes, domain, name: this.#name(opType) });
  }

  ops(opType: string, inputs: readonly string[], options: { outputs: number; attributes?: Attributes }): string[] {
    return this.#builder.ops(opType, inputs, { ...options, name: this.#name(opType) });
  }

  #name(opType: string): string {
    return `${this.node.name || this.node.opType}_gradient/${opType}`;
  }

  add = (a: string, b: string): string => this.op("Add", [a, b]);
  sub = (a: string, b: string): string => this.op("Sub", [a, b]);
  mul = (a: string, b: string): string => this.op("Mul", [a, b]);
  div = (a: string, b: string): string => this.op("Div", [a, b]);
  neg = (x: string): string => this.op("Neg", [x]);
  exp = (x: string): string => this.op("Exp", [x]);
  equal = (a: string, b: string): string => this.op("Equal", [a, b]);
  where = (condition: string, a: string, b: string): string => this.op("Where", [condition, a, b]);

  /** x times a number; `like` is a value of the model with the same element type. */
  scale(x: string, factor: number, like: string): string {
    return factor === 1 ? x : factor === -1 ? this.neg(x) : this.mul(x, this.constant(factor, like));
  }

  /** A scalar of the element type of `like`. */
  constant(value: number, like: string): string {
    const constant = this.#builder.float(value);
    return this.type(like) === DataType.float32 ? constant : this.cast(constant, this.type(like));
  }

  /** An int64 constant: a number gives a scalar, a list a vector. */
  int(values: number | readonly number[]): string {
    return this.#builder.int(values);
  }

  cast(x: string, type: number): string {
    return this.op("Cast", [x], { to: type });
  }

  /** 1 where a condition holds, else 0, in the element type of `like`. */
  mask(condition: string, like: string): string {
    return this.cast(condition, this.type(like));
  }

  shapeOf(x: string): string {
    return this.op("Shape", [x]);
  }

  /** The size of one axis, as a vector of one element. */
  sizeOf(x: string, axis: number): string {
    const dim = this.shape(x)?.at(axis);
    return typeof dim === "number" ? this.int([dim]) : this.op("Gather", [this.shapeOf(x), this.int([axis])], { axis: 0 });
  }

  zerosLike(x: string): string {
    return this.zeros(this.shapeOf(x), x);
  }

  /** Zeros of a shape, of the element type of `like`. */
  zeros(shape: string, like: string): string {
    return this.op("Expand", [this.constant(0, like), shape]);
  }

  /** `shape` has no zeros unless it says so: a zero stands for the size that `x` has. */
  reshape(x: string, shape: string, options: { zeros?: boolean } = {}): string {
    // One after another breaks onnxruntime's fusion of them where the first one's shape is computed.
    const source = options.zeros === true ? x : (this.#reshaped.get(x) ?? x);
    const result = this.op("Reshape", [source, shape]);
    this.#reshaped.set(result, source);
    return result;
  }

  transpose(x: string, perm: readonly number[]): string {
    return perm.every((from, to) => from === to) ? x : this.op("Transpose", [x], { perm });
  }

  unsqueeze(x: string, axes: readonly number[]): string {
    return axes.length === 0 ? x : this.op("Unsqueeze", [x, this.int(axes)]);
  }

  reduceSum(x: string, axes: readonly number[], options: { keepdims: boolean }): string {
    return axes.length === 0 ? x : this.op("ReduceSum", [x, this.int(axes)], { keepdims: Number(options.keepdims) });
  }

  /** Mean over axes, which stay as axes of size 1. */
  reduceMean(x: string, axes: readonly number[]): string {
    return this.opset >= 18 ? this.op("ReduceMean", [x, this.int(axes)]) : this.op("ReduceMean", [x], { axes });
  }

  /** Sums a gradient of shape `from` back to the shape of the value `to`, which was broadcast to it. */
  sumTo(gradient: string, options: { from: readonly Dim[] | undefined; to: string }): string {
    return sumTo(this, gradient, options);
  }

  /** A product of matrices, batched. One kernel reads transposed operands in place, for the types that it has. */
  matmul(a: string, b: string, options: { transA?: boolean; transB?: boolean; alpha?: number; rank?: number; like: string }): string {
    const { transA = false, transB = false, alpha = 1, like } = options;
    const type = this.type(like);
    const fused = type === DataType.float32 || type === DataType.float16;
    if (!transA && !transB && (alpha === 1 || !fused)) return this.scale(this.op("MatMul", [a, b]), alpha, like);
    if (fused) return this.#microsoft("FusedMatMul", [a, b], { transA: Number(transA), transB: Number(transB), alpha: new Float(alpha) });
    const swap = (x: string): string => this.transpose(x, swapped(options.rank ?? 2));
    return this.scale(this.op("MatMul", [transA ? swap(a) : a, transB ? swap(b) : b]), alpha, like);
  }

  #microsoft(opType: string, inputs: readonly string[], attributes: Attributes): string {
    const { opsetImport } = this.#builder.model;
    const own = opsetImport[0];
    if (own !== undefined && !opsetImport.some(({ domain }) => domain === "com.microsoft"))
      opsetImport.push({ ...own, domain: "com.microsoft", version: 1n });
    return this.op(opType, inputs, attributes, "com.microsoft");
  }

  /** A value with its last two axes swapped. A Transpose of the model is looked through, so that none is made twice. */
  swapLast(x: string): string {
    const producer = this.producer(x);
    const source = producer?.opType === "Transpose" ? producer.input[0] : undefined;
    if (producer === undefined || source === undefined) return this.transpose(x, swapped(this.rank(x)));
    const perm = intsAttribute(producer, "perm") ?? Array.from({ length: this.rank(x) }, (_, axis) => this.rank(x) - 1 - axis);
    return this.transpose(
      source,
      swapped(perm.length).map((axis) => perm[axis] ?? axis),
    );
  }
}

function swapped(rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
}
