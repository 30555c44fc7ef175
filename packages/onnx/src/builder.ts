import { create } from "@bufbuild/protobuf";
import { attribute, type AttributeValue } from "./attributes.ts";
import {
  type GraphProto,
  type ModelProto,
  NodeProtoSchema,
  type TensorProto,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./proto/onnx_pb.ts";
import { floatTensor, intTensor } from "./tensor.ts";
import { DataType, type DataTypeName, type Dim } from "./types.ts";

/** How a node is added: its attributes, name, domain and number or names of outputs. */
export interface OpOptions {
  readonly attributes?: Readonly<Record<string, AttributeValue | undefined>>;
  readonly name?: string;
  readonly domain?: string;
  /** Names of the outputs, or how many; one by default. An empty name leaves an optional output out. */
  readonly outputs?: number | readonly string[];
}

/** Appends nodes, constants, inputs and outputs to a graph, with names that are new in it. */
export class GraphBuilder {
  readonly model: ModelProto;
  readonly graph: GraphProto;
  readonly #names = new Set<string>();
  /** Where the search for a free number goes on: a graph has thousands of nodes of one operator. */
  readonly #counts = new Map<string, number>();
  readonly #constants = new Map<string, string>();
  /** Nodes are appended here; by default to the graph itself. */
  readonly #prefix: string;

  constructor(model: ModelProto, options: { prefix?: string } = {}) {
    if (model.graph === undefined) throw new TypeError("A model without a graph cannot be built on");
    this.model = model;
    this.graph = model.graph;
    this.#prefix = options.prefix ?? "";
    for (const value of [...this.graph.input, ...this.graph.initializer]) this.#names.add(value.name);
    for (const node of this.graph.node) {
      this.#names.add(node.name);
      for (const output of node.output) this.#names.add(output);
    }
  }

  /** A name that nothing in the graph has yet, and that is taken from now on. */
  unique(stem: string): string {
    const base = `${this.#prefix}${stem}`;
    let name = base;
    for (let count = this.#counts.get(base) ?? 1; this.#names.has(name); count++) {
      name = `${base}_${count}`;
      this.#counts.set(base, count + 1);
    }
    this.#names.add(name);
    return name;
  }

  /** Adds a node with one output and gives the output's name. */
  op(opType: string, inputs: readonly string[], options: OpOptions = {}): string {
    return this.ops(opType, inputs, options)[0] as string;
  }

  /** Adds a node and gives the names of all its outputs. */
  ops(opType: string, inputs: readonly string[], options: OpOptions = {}): string[] {
    const name = this.unique(options.name ?? opType);
    const wanted = options.outputs ?? 1;
    const output =
      typeof wanted === "number"
        ? Array.from({ length: wanted }, (_, index) => this.unique(index === 0 ? `${name}_output` : `${name}_output${index}`))
        : [...wanted];
    for (const value of output) this.#names.add(value);
    this.graph.node.push(
      create(NodeProtoSchema, {
        name,
        opType,
        domain: options.domain ?? "",
        input: [...inputs],
        output,
        attribute: Object.entries(options.attributes ?? {}).flatMap(([key, value]) => (value === undefined ? [] : [attribute(key, value)])),
      }),
    );
    return output;
  }

  /** Adds an initializer and gives its name. */
  initializer(tensor: TensorProto): string {
    this.#names.add(tensor.name);
    this.graph.initializer.push(tensor);
    return tensor.name;
  }

  /** A float32 constant; the same constant is added once. */
  float(values: number | readonly number[], dims?: readonly number[]): string {
    const list = typeof values === "number" ? [values] : values;
    const shape = dims ?? (typeof values === "number" ? [] : [list.length]);
    return this.#constant(`f32:${shape.join("x")}:${list.join(",")}`, () => floatTensor(this.unique("constant"), shape, list));
  }

  /** An int64 constant: a number gives a scalar, a list a vector. The same constant is added once. */
  int(values: number | readonly number[]): string {
    const list = typeof values === "number" ? [values] : values;
    const shape = typeof values === "number" ? [] : [list.length];
    return this.#constant(`i64:${shape.join("x")}:${list.join(",")}`, () => intTensor(this.unique("constant"), shape, list));
  }

  /** Adds a graph input and gives its name. */
  input(name: string, type: DataTypeName, shape: readonly Dim[]): string {
    this.#names.add(name);
    this.graph.input.push(valueInfo(name, type, shape));
    return name;
  }

  /** Makes a value a graph output. With `name`, an Identity gives it that name. */
  output(value: string, info: { name?: string; type: DataTypeName; shape: readonly Dim[] }): string {
    const name = info.name ?? value;
    if (name !== value) this.op("Identity", [value], { outputs: [name] });
    this.graph.output.push(valueInfo(name, info.type, info.shape));
    return name;
  }

  #constant(key: string, make: () => TensorProto): string {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.initializer(make());
    this.#constants.set(key, name);
    return name;
  }
}

/** Describes a value: name, element type, dimensions. */
export function valueInfo(name: string, type: DataTypeName, shape: readonly Dim[]): ValueInfoProto {
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: "tensorType",
        value: {
          elemType: DataType[type],
          shape: {
            dim: shape.map((dim) => ({
              value:
                typeof dim === "number" ? { case: "dimValue" as const, value: BigInt(dim) } : { case: "dimParam" as const, value: dim },
            })),
          },
        },
      },
    },
  });
}
