import { GraftError } from "@graft/error";
import type { GraphProto, ModelProto, NodeProto, OperatorSetIdProto, ValueInfoProto } from "../proto/onnx_pb.ts";
import type { Dim } from "../types.ts";
import { tensorType } from "./constants.ts";
import { canonicalDim } from "./dim.ts";
import { boundNodes, functionsByName, type FunctionTable } from "./functions.ts";
import type { RuleContext } from "./rule.ts";
import { operatorName, shapeRule } from "./rules.ts";
import { Scope } from "./scope.ts";
import { UNKNOWN, type ValueType } from "./value-type.ts";

/** What may be said about the model beforehand. */
export interface InferOptions {
  /** Types of graph inputs that replace those in the file, such as fixed sizes. */
  readonly inputs?: Readonly<Record<string, ValueType>>;
}

/** Longer expressions get a symbol of their own, so that a hostile graph cannot grow one without end. */
const EXPRESSION_LENGTH = 512;
/** Subgraphs and functions deeper than this are left unknown. */
const DEPTH = 32;
/** Visits of nodes in all, so that functions that call functions cannot multiply without end; models have thousands. */
const VISITS = 1_000_000;
/** No tensor has more dimensions than this. */
const RANK = 64;
/** From this version on, an initializer that is also an input may be overridden by a caller. */
const OVERRIDABLE_SINCE = 4n;

/**
 * Element type and shape of every value of the main graph, with symbols where a size depends on the inputs: equal expressions
 * are equal strings ("batch*12", "sequence+1"). A value that no rule covers has what the file says of it, or `type` 0.
 */
export function inferShapes(model: ModelProto, options: InferOptions = {}): Map<string, ValueType> {
  if (model.graph === undefined) return new Map();
  return new Inference(model).main(model.graph, options);
}

/** The nodes being walked: where their values are, what the file declares, which operator sets hold. */
interface Walk {
  readonly scope: Scope;
  readonly declared: ReadonlyMap<string, ValueInfoProto>;
  readonly opsets: ReadonlyMap<string, number>;
  readonly depth: number;
}

class Inference {
  readonly #model: ModelProto;
  readonly #functions: FunctionTable;
  #symbols = 0;
  #visits = 0;
  readonly #taken: ReadonlySet<string>;

  constructor(model: ModelProto) {
    this.#model = model;
    this.#functions = functionsByName(model);
    this.#taken = new Set(
      [...(model.graph?.input ?? []), ...(model.graph?.valueInfo ?? []), ...(model.graph?.output ?? [])].flatMap(symbolsOf),
    );
  }

  main(graph: GraphProto, options: InferOptions): Map<string, ValueType> {
    const scope = new Scope();
    for (const value of graph.input) scope.set(value.name, options.inputs?.[value.name] ?? this.#declared(value));
    this.#graph(graph, { scope, opsets: opsetsOf(this.#model.opsetImport), depth: 0 });
    return scope.own;
  }

  /** Walks a graph whose inputs are in the scope already. */
  #graph(graph: GraphProto, walk: Omit<Walk, "declared">): void {
    const inputs = new Set(this.#model.irVersion < OVERRIDABLE_SINCE ? [] : graph.input.map((value) => value.name));
    for (const tensor of graph.initializer) {
      const { value, ...type } = tensorType(tensor);
      walk.scope.set(tensor.name, inputs.has(tensor.name) ? type : { ...type, value });
    }
    for (const { values, dims } of graph.sparseInitializer) {
      if (values !== undefined) walk.scope.set(values.name, { type: values.dataType, shape: dims.map(Number) });
    }
    const declared = new Map([...graph.valueInfo, ...graph.output].map((value) => [value.name, value]));
    for (const node of graph.node) this.#node(node, { ...walk, declared });
  }

  #node(node: NodeProto, walk: Walk): void {
    this.#visits++;
    const inputs = node.input.map((name) => (name === "" ? undefined : (walk.scope.get(name) ?? UNKNOWN)));
    const outputs = this.#outputs(node, { ...walk, inputs });
    for (const [index, name] of node.output.entries()) {
      if (name !== "") walk.scope.set(name, this.#completed(outputs[index] ?? UNKNOWN, walk.declared.get(name)));
    }
  }

  #outputs(node: NodeProto, walk: Walk & { inputs: readonly (ValueType | undefined)[] }): readonly ValueType[] {
    const rule = shapeRule(node);
    if (rule === undefined) return this.#call(node, walk);
    const context: RuleContext = {
      node,
      opset: walk.opsets.get(node.domain === "ai.onnx" ? "" : node.domain) ?? 0,
      inputs: walk.inputs,
      fresh: () => this.#fresh(),
      body: (graph, inputs) => {
        if (walk.depth >= DEPTH || this.#visits > VISITS) return [];
        const scope = new Scope(walk.scope);
        for (const [index, value] of graph.input.entries()) scope.set(value.name, inputs[index] ?? this.#declared(value));
        this.#graph(graph, { ...walk, scope, depth: walk.depth + 1 });
        return graph.output.map((value) => scope.get(value.name) ?? UNKNOWN);
      },
    };
    try {
      return rule(context);
    } catch (cause) {
      throw new GraftError(
        "ONNX_INVALID",
        `Cannot infer shapes: node "${node.name}" (${operatorName(node)}) does not fit its inputs: ${(cause as Error).message}`,
        { cause },
      );
    }
  }

  /** A node that calls a function of the model is what the function's nodes are. */
  #call(node: NodeProto, walk: Walk & { inputs: readonly (ValueType | undefined)[] }): readonly ValueType[] {
    const called = this.#functions.get(operatorName(node));
    if (called === undefined || walk.depth >= DEPTH || this.#visits > VISITS) return [];
    const scope = new Scope();
    for (const [index, name] of called.input.entries()) scope.set(name, walk.inputs[index] ?? UNKNOWN);
    const inner: Walk = { scope, declared: new Map(), opsets: opsetsOf(called.opsetImport), depth: walk.depth + 1 };
    for (const bound of boundNodes(called, node)) this.#node(bound, inner);
    return called.output.map((name) => scope.get(name) ?? UNKNOWN);
  }

  /** What the file says fills the gaps of what the rule says. */
  #completed(inferred: ValueType, declared: ValueInfoProto | undefined): ValueType {
    // A hole means that the node does not fit its inputs: nothing certain can be said then.
    const broken = inferred.shape?.some((dim) => dim === undefined || Number.isNaN(dim)) === true || (inferred.shape?.length ?? 0) > RANK;
    const shape = broken ? undefined : inferred.shape?.map((dim) => this.#short(dim));
    const value =
      inferred.value?.some((entry) => typeof entry === "string" && entry.length > EXPRESSION_LENGTH) === true ? undefined : inferred.value;
    const said = declared !== undefined && (inferred.type === 0 || shape === undefined) ? this.#declared(declared) : UNKNOWN;
    return { type: inferred.type === 0 ? said.type : inferred.type, shape: shape ?? said.shape, ...(value === undefined ? {} : { value }) };
  }

  #declared(info: ValueInfoProto): ValueType {
    const tensor = info.type?.value.case === "tensorType" ? info.type.value.value : undefined;
    if (tensor === undefined) return UNKNOWN;
    const shape = tensor.shape?.dim.map(({ value }): Dim => {
      if (value.case === "dimValue") return Number(value.value);
      return value.case === "dimParam" && value.value !== "" && value.value.length <= EXPRESSION_LENGTH
        ? canonicalDim(value.value)
        : this.#fresh();
    });
    return { type: tensor.elemType, shape };
  }

  #short(dim: Dim): Dim {
    return typeof dim === "string" && dim.length > EXPRESSION_LENGTH ? this.#fresh() : dim;
  }

  #fresh(): string {
    let name: string;
    do name = `unknown_${this.#symbols++}`;
    while (this.#taken.has(name));
    return name;
  }
}

/** The symbols in what a file says of a value. */
function symbolsOf(info: ValueInfoProto): string[] {
  const tensor = info.type?.value.case === "tensorType" ? info.type.value.value : undefined;
  return (tensor?.shape?.dim ?? []).flatMap((dim) => (dim.value.case === "dimParam" ? [dim.value.value] : []));
}

function opsetsOf(imports: readonly OperatorSetIdProto[]): Map<string, number> {
  return new Map(imports.map((entry) => [entry.domain === "ai.onnx" ? "" : entry.domain, Number(entry.version)]));
}
