import type { GraphProto, ModelProto, NodeProto, ValueInfoProto } from "../proto/onnx_pb.ts";
import type { Dim } from "../types.ts";
import { tensorType } from "./constants.ts";
import { canonicalDim } from "./dim.ts";
import type { RuleContext } from "./rule.ts";
import { operatorName, SHAPE_RULES } from "./rules.ts";
import { UNKNOWN, type ValueType } from "./value-type.ts";

/** What may be said about the model beforehand. */
export interface InferOptions {
  /** Types of graph inputs that replace those in the file, such as fixed sizes. */
  readonly inputs?: Readonly<Record<string, ValueType>>;
}

/**
 * Element type and shape of every value of the main graph, with symbols where a size depends on the inputs: equal expressions
 * are equal strings ("batch*12", "sequence+1"). A value that no rule covers has what the file says of it, or `type` 0.
 */
export function inferShapes(model: ModelProto, options: InferOptions = {}): Map<string, ValueType> {
  const graph = model.graph;
  if (graph === undefined) return new Map();
  return new Inference(model).graph(graph, { outer: new Map(Object.entries(options.inputs ?? {})) });
}

class Inference {
  readonly #opsets: ReadonlyMap<string, number>;
  #symbols = 0;

  constructor(model: ModelProto) {
    this.#opsets = new Map(model.opsetImport.map((entry) => [entry.domain === "ai.onnx" ? "" : entry.domain, Number(entry.version)]));
  }

  graph(graph: GraphProto, options: { outer: ReadonlyMap<string, ValueType> }): Map<string, ValueType> {
    const values = new Map<string, ValueType>();
    for (const value of graph.input) values.set(value.name, options.outer.get(value.name) ?? this.#declared(value));
    for (const tensor of graph.initializer) values.set(tensor.name, tensorType(tensor));
    const declared = new Map([...graph.valueInfo, ...graph.output].map((value) => [value.name, value]));
    for (const node of graph.node) this.#node(node, { values, declared });
    return values;
  }

  #node(node: NodeProto, scope: { values: Map<string, ValueType>; declared: ReadonlyMap<string, ValueInfoProto> }): void {
    const rule = SHAPE_RULES[operatorName(node)];
    const context: RuleContext = {
      node,
      opset: this.#opsets.get(node.domain === "ai.onnx" ? "" : node.domain) ?? 0,
      inputs: node.input.map((name) => (name === "" ? undefined : (scope.values.get(name) ?? UNKNOWN))),
      fresh: () => this.#fresh(),
    };
    const outputs = rule?.(context) ?? [];
    for (const [index, name] of node.output.entries()) {
      if (name !== "") scope.values.set(name, this.#completed(outputs[index] ?? UNKNOWN, scope.declared.get(name)));
    }
  }

  /** What the file says fills the gaps of what the rule says. */
  #completed(inferred: ValueType, declared: ValueInfoProto | undefined): ValueType {
    if (declared === undefined || (inferred.type !== 0 && inferred.shape !== undefined)) return inferred;
    const said = this.#declared(declared);
    return { ...inferred, type: inferred.type === 0 ? said.type : inferred.type, shape: inferred.shape ?? said.shape };
  }

  #declared(info: ValueInfoProto): ValueType {
    const tensor = info.type?.value.case === "tensorType" ? info.type.value.value : undefined;
    if (tensor === undefined) return UNKNOWN;
    return { type: tensor.elemType, shape: tensor.shape?.dim.map((dim): Dim => {
      if (dim.value.case === "dimValue") return Number(dim.value.value);
      return dim.value.case === "dimParam" && dim.value.value !== "" ? canonicalDim(dim.value.value) : this.#fresh();
    }) };
  }

  #fresh(): string {
    return `unknown_${this.#symbols++}`;
  }
}
