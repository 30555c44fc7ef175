import { Float, type GraphBuilder } from "@graft/onnx";
import { activate } from "./activations.ts";
import { reference, type StoredTensor } from "./stored-tensor.ts";

/** How a linear layer is stored. */
interface LinearOptions {
  readonly bias?: boolean;
  readonly stored?: "out_in" | "in_out";
  /** Name of the weight, where it is that of another module. */
  readonly weight?: string;
}

/** The parts that families are made of, over weights that stay in the checkpoint's file. Module names become node names. */
export class CheckpointGraph {
  readonly builder: GraphBuilder;
  readonly #tensors: ReadonlyMap<string, StoredTensor>;
  readonly #values = new Map<string, string>();

  constructor(builder: GraphBuilder, tensors: ReadonlyMap<string, StoredTensor>) {
    this.builder = builder;
    this.#tensors = tensors;
  }

  /** A parameter as float32; one stored narrower is cast, which ONNX Runtime folds when it loads the graph. */
  parameter(name: string): string {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw new TypeError(`The family uses "${name}" and does not list it`);
    const initializer = this.builder.initializer(reference(tensor, name));
    const value =
      tensor.dtype === "F32" ? initializer : this.builder.op("Cast", [initializer], { name: node(name, "Cast"), attributes: { to: 1 } });
    this.#values.set(name, value);
    return value;
  }

  /** x · Wᵀ + b of the module's `weight` [out, in], or [in, out] as GPT-2 stores it, and, where there is one, `bias` [out]. */
  linear(input: string, module: string, options: LinearOptions = {}): string {
    const { stored = "out_in", weight = `${module}.weight`, bias = this.has(`${module}.bias`) } = options;
    const turned = stored === "in_out" ? this.parameter(weight) : this.#transposed(weight, module);
    const product = this.builder.op("MatMul", [input, turned], { name: node(module, "MatMul") });
    return bias ? this.builder.op("Add", [product, this.parameter(`${module}.bias`)], { name: node(module, "Add") }) : product;
  }

  /** A weight that is used twice is turned once. */
  #transposed(weight: string, module: string): string {
    const key = `${weight} transposed`;
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const value = this.builder.op("Transpose", [this.parameter(weight)], { name: node(module, "Transpose"), attributes: { perm: [1, 0] } });
    this.#values.set(key, value);
    return value;
  }

  /** Whether the checkpoint has a parameter that the family can do without. */
  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /** Rows of the module's table. */
  embedding(ids: string, module: string): string {
    return this.builder.op("Gather", [this.parameter(`${module}.weight`), ids], { name: node(module, "Gather"), attributes: { axis: 0 } });
  }

  /** Normalisation over the last axis. */
  layerNorm(input: string, module: string, epsilon: number): string {
    return this.builder.op("LayerNormalization", [input, this.parameter(`${module}.weight`), this.parameter(`${module}.bias`)], {
      name: node(module, "LayerNormalization"),
      attributes: { axis: -1, epsilon: new Float(epsilon) },
    });
  }

  /** Division by the root mean square over the last axis, without a shift. */
  rmsNorm(input: string, module: string, epsilon: number): string {
    return this.builder.op("RMSNormalization", [input, this.parameter(`${module}.weight`)], {
      name: node(module, "RMSNormalization"),
      attributes: { axis: -1, epsilon: new Float(epsilon) },
    });
  }

  /** The activation that config.json names. */
  activation(input: string, module: string, name: string): string {
    return activate(this.builder, input, { activation: name, module: node(module, "") });
  }

  /** Any other node, named after its module. */
  op(
    opType: string,
    inputs: readonly string[],
    options: { module: string; attributes?: Record<string, number | readonly number[]> },
  ): string {
    return this.builder.op(opType, inputs, {
      name: node(options.module, opType),
      ...(options.attributes === undefined ? {} : { attributes: options.attributes }),
    });
  }

  /** Keeps parameters that the graph does not use, such as a pooler, for heads that start from them. */
  carry(names: readonly string[]): void {
    for (const name of names) {
      const tensor = this.#tensors.get(name);
      if (tensor !== undefined && !this.#values.has(name)) this.builder.initializer(reference(tensor, name));
    }
  }
}

/** Node names as exporters write them: "/encoder/layer.0/attention/self/query/MatMul". */
function node(module: string, opType: string): string {
  return `/${module.replaceAll(/\.(?!\d)/g, "/")}/${opType}`;
}
