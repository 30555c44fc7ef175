import { GraftError } from "@graft/error";
import { KEY_PREFIX, wholeKey } from "@graft/format";
import { DataType, type GraphBuilder, type GraphProto, type TensorProto } from "@graft/onnx";
import { taskModule } from "./families.ts";
import { placeFirst } from "./graph-edits.ts";
import { type NamedWeight, namedWeights } from "./named-weights.ts";
import type { PlanBase, Trainable } from "./plan.ts";

/** Trainables that stand for tensors of the base and start from their values: those that `select` takes, by path in the task's class. */
export function planReplacements(
  base: PlanBase,
  prefix: string,
  select: (weight: { readonly module: string; readonly part: "weight" | "bias" }) => boolean,
): Trainable[] {
  return namedWeights(base.model)
    .filter(({ module, part }) => select({ module: taskModule(module, prefix), part }))
    .map((weight) => replacement(weight, taskModule(weight.module, prefix)));
}

/** A trainable that stands for one tensor; `layer` is what PEFT calls a layer inside of one of its own. */
export function replacement({ part, shape, transposed, tensor }: NamedWeight, module: string, layer = ""): Trainable {
  return {
    key: layer === "" ? wholeKey(module, part) : `${KEY_PREFIX}${module}.${layer}.${part}`,
    shape,
    role: "replacement",
    module,
    init: { kind: "base", tensor, transposed },
    initializer: tensor.name,
  };
}

/** Makes the tensors that trainables stand for inputs of the graph, under the trainables' keys. */
export function injectReplacements(builder: GraphBuilder, trainables: readonly Omit<Trainable, "init">[]): void {
  const { graph } = builder;
  const turned = new Map(namedWeights(builder.model).map(({ tensor, transposed }) => [tensor.name, transposed]));
  for (const { key, shape, role, initializer } of trainables) {
    if (role !== "replacement" || initializer === undefined) continue;
    const index = graph.initializer.findIndex(({ name }) => name === initializer);
    const tensor = graph.initializer[index];
    if (tensor === undefined) throw new GraftError("INTERNAL", `Cannot train "${initializer}": the graph has no such initializer`);
    const value = substitute(builder, builder.input(key, "float32", shape), { tensor, transposed: turned.get(initializer) === true });
    graph.initializer.splice(index, 1);
    for (const node of graph.node) {
      // The nodes that make the value read the key, never the initializer.
      for (const [position, name] of node.input.entries()) if (name === initializer) node.input[position] = value;
    }
  }
}

/** The trained tensor in the orientation and element type of the initializer it stands for. */
function substitute(builder: GraphBuilder, key: string, { tensor, transposed }: { tensor: TensorProto; transposed: boolean }): string {
  const start = builder.graph.node.length;
  const turned = transposed ? builder.op("Transpose", [key], { name: `${tensor.name}/Transpose`, attributes: { perm: [1, 0] } }) : key;
  const onlyCast = consumers(builder.graph, tensor.name).every(({ opType }) => opType === "Cast");
  const value =
    tensor.dataType === DataType.float32 || onlyCast
      ? turned
      : builder.op("Cast", [turned], { name: `${tensor.name}/Cast`, attributes: { to: tensor.dataType } });
  placeFirst(builder.graph, start);
  return value;
}

function consumers(graph: GraphProto, value: string): GraphProto["node"] {
  return graph.node.filter(({ input }) => input.includes(value));
}
